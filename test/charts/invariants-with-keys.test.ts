import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyEventObject, AnyMachineSnapshot } from 'xstate';
import { type Endpoint, sameEndpoint, sameFamily } from '../../machines/endpoint.ts';
import { ADDRESSES_TRIED_MAX } from '../../machines/link.ts';
import { placeOf } from '../../runtime/exploration/anatomy.ts';
import { emittedBy } from './faults.ts';
import { graphs, livesOf, movesOf, requestsOf } from './graphs.ts';

const clients = movesOf(livesOf('client', 2));
const links = movesOf(livesOf('link', 2));
const sessions = movesOf(livesOf('session', 2));

test('a client of protocol 2 registers only with a cookie, the last one that its server gave it', () => {
  const registrations = clients.flatMap(({ move }) =>
    emittedBy(move).flatMap(({ type, message }) =>
      type === 'transmit' && message.type.startsWith('register') ? [{ message, move }] : [],
    ),
  );
  assert(registrations.length > 0);
  for (const { message, move } of registrations) {
    const { cookie } = move.stimulus.event;
    assert.equal(message.type, 'registerWithCookie');
    assert.equal(message.cookie, cookie ?? move.result.snapshot.context.cookie);
    assert.match(message.cookie, /^c[12]$/);
  }
});

test('a client of protocol 2 tells nobody but its server anything', () => {
  for (const { move } of clients)
    for (const effect of emittedBy(move))
      if (effect.type === 'transmit') assert.deepEqual(effect.to, move.result.snapshot.context.server);
});

test('a challenge under another key never makes a client register, and only then is that the reason to fail', () => {
  for (const { move } of clients) {
    if (move.stimulus.event.type === 'datagram.challenge.distrusted')
      assert(emittedBy(move).every(({ message }) => message.type === 'knock'));
  }
  const places = clients
    .filter(({ before }) => before.context.obstacle === 'serverKeyChanged' && before.status === 'active')
    .map(({ before }) => placeOf(before.value));
  // Where a client has joined, what was missing before does not matter.
  const waiting = [...new Set(places)].filter((place) => place.startsWith('joining')).sort();
  assert.deepEqual(waiting, ['joining.knocking.distrusting.asking']);
});

test('a client of protocol 2 asks for what each event calls for, and for nothing else', () => {
  // Both cookies are alike here.
  const requests = requestsOf(livesOf('client', 2)).filter((line) => !line.includes('another cookie'));
  assert.deepEqual(requests, [
    ...from('Challenge from the server', 'registerWithCookie', [
      'joined.rejoining.knocking',
      'joined.rejoining.renewing',
      'joined.unregistered',
      'joining.awaitingAck',
      'joining.knocking.asking',
      'joining.knocking.distrusting.asking',
    ]),
    'Challenge under another key from the server in joining.knocking.asking: knock',
    'PathChallenge from the server in joined.registered: pathResponse, keepalive',
    ...from('PathChallenge from the server', 'pathResponse', [
      'joined.rejoining.checking',
      'joined.rejoining.knocking',
      'joined.rejoining.renewing',
      'joined.unregistered',
      'joining.confirming',
    ]),
    ...from('RegisterAck from the server', 'keepalive', [
      'joined.rejoining.checking',
      'joined.rejoining.knocking',
      'joined.rejoining.renewing',
      'joined.unregistered',
      'joining.awaitingAck',
      'joining.confirming',
      'joining.knocking.asking',
      'joining.knocking.distrusting.asking',
      'joining.refused',
    ]),
    'RegisterAck that says "name taken" from the server in joining.awaitingAck: failed',
    ...from('Stale from the server', 'knock', [
      'joined.registered',
      'joined.rejoining.checking',
      'joining.confirming',
    ]),
    'after distrustPatience in joining.knocking.distrusting: failed',
    'after keepalive in joined.registered: keepalive',
    'after patience in joining: failed',
    'after refusedRetry in joining.refused: knock',
    'after retry in joined.rejoining.checking: keepalive',
    'after retry in joined.rejoining.knocking: knock',
    'after retry in joined.rejoining.renewing: registerWithCookie',
    'after retry in joining.awaitingAck: registerWithCookie',
    'after retry in joining.confirming: keepalive',
    'after retry in joining.knocking.asking: knock',
    'after retry in joining.knocking.distrusting.asking: knock',
    'after unreachableRetry in joined.unregistered: knock',
    ...from('the network changes', 'keepalive', [
      'joined.registered',
      'joined.rejoining.checking',
      'joined.rejoining.knocking',
      'joined.rejoining.renewing',
      'joined.unregistered',
    ]),
    'the network changes in joining.confirming: knock',
    'the socket fails in joining.registering: failed',
    'the socket opens in joining.registering: knock',
  ]);
});

test('a link with keys is connected only after a probe that confirms, and then sends to where that came from', () => {
  const arrivals = links.filter(
    ({ before, move }) => !before.hasTag('connected') && move.result.snapshot.hasTag('connected'),
  );
  assert(arrivals.length > 0);
  for (const { move } of arrivals) {
    assert.equal(move.stimulus.event.type, 'datagram.probe');
    assert.equal(move.stimulus.event.confirms, true);
  }
  for (const { before, move } of links.filter(({ move }) => move.result.snapshot.hasTag('connected'))) {
    const { remote } = move.result.snapshot.context;
    const { confirms, from } = move.stimulus.event;
    const isTaken = confirms === true && !isDetour(before, from);
    assert.deepEqual(remote, isTaken ? from : before.context.remote);
  }
});

test('a link does not leave a path for the one that the server has told, unless it is in doubt about it', () => {
  const detours = links.filter(
    ({ before, move }) => move.stimulus.event.confirms === true && isDetour(before, move.stimulus.event.from),
  );
  assert(detours.length > 0);
  for (const { before, move } of detours) {
    assert.deepEqual(move.result.snapshot.context, before.context);
  }
});

test('a link in doubt tries where the server says that its peer is', () => {
  const told = links.filter(
    ({ before, move }) =>
      placeOf(before.value).startsWith('restoring') &&
      move.stimulus.event.type === 'introduced' &&
      sameFamily(move.stimulus.event.remote, move.result.snapshot.context.server),
  );
  assert(told.length > 0);
  for (const { move } of told) {
    const { remote, candidates = [] } = move.stimulus.event;
    const { tried } = move.result.snapshot.context;
    for (const told of [remote, ...candidates])
      assert(tried.some((endpoint: Endpoint) => sameEndpoint(endpoint, told)));
  }
});

test('a link with keys asks for its peer only once it knows the key', () => {
  for (const { move } of links)
    for (const effect of emittedBy(move))
      if (effect.message?.type === 'holePunchRequest') assert(move.result.snapshot.context.hasKey);
});

test('a link that was connected asks for its peer anew as soon as its path is in doubt, and only then', () => {
  const anew = links.filter(({ before, move }) => wasConnectedIn(before) && emittedBy(move).some(isRequest));
  const causes = new Set(
    anew.map(({ before, move }) => `${Object.keys(before.value)[0]}: ${move.stimulus.type}`),
  );
  assert.deepEqual([...causes].sort(), [
    'restoring: after askRetry in restoring.asking.waiting',
    'restoring: the server sees us elsewhere',
    'verified: after pathDoubt in verified.hearing.heard',
    'verified: the server sees us elsewhere',
  ]);
});

test('what the server tells a link that was connected changes where it probes, not where it sends', () => {
  const told = links.filter(
    ({ before, move }) => wasConnectedIn(before) && move.stimulus.event.type === 'introduced',
  );
  assert(told.length > 0);
  for (const { before, move } of told) {
    const { remote, tried } = move.result.snapshot.context;
    assert.deepEqual(remote, before.context.remote);
    assert(tried.some((endpoint: Endpoint) => sameEndpoint(endpoint, remote)));
    assert(tried.length <= ADDRESSES_TRIED_MAX);
  }
});

test('a probe that asks is answered where it came from, at once, wherever the link has been introduced', () => {
  const asked = links.filter(
    ({ before, move }) => move.stimulus.event.type === 'datagram.probe' && before.context.remote !== null,
  );
  assert(asked.length > 0);
  for (const { move } of asked) {
    const { from, asks, confirms } = move.stimulus.event;
    const answers = emittedBy(move).filter(
      (effect) => effect.type === 'probe' && effect.to.length === 1 && sameEndpoint(effect.to[0], from),
    );
    assert.equal(
      answers.some((effect) => effect.asks !== confirms),
      asks,
      move.stimulus.type,
    );
  }
});

test('a link with keys sends only to addresses that the server, its peer or a probe has given it, at most to 8', () => {
  for (const { before, move } of links) {
    const { tried } = move.result.snapshot.context;
    assert(tried.length <= ADDRESSES_TRIED_MAX);
    const known: readonly Endpoint[] = [...before.context.tried, ...tried, move.stimulus.event.from];
    for (const effect of emittedBy(move).filter(({ type }) => type === 'probe'))
      for (const to of effect.to) assert(known.some((endpoint) => endpoint && sameEndpoint(endpoint, to)));
  }
});

test('who is or was connected with keys says goodbye when the user stops it, and leaves when the peer says so', () => {
  for (const { before, move } of links) {
    const isStopped = move.stimulus.event.type === 'stop' && wasConnectedIn(before);
    const goodbyes = emittedBy(move).filter(({ type }) => type === 'bye');
    assert.deepEqual(goodbyes, isStopped ? [{ type: 'bye', to: before.context.remote }] : []);
    const isLeft = move.result.snapshot.hasTag('left');
    const isPunched = before.hasTag('punching') || before.hasTag('connected');
    assert.equal(isLeft, move.stimulus.event.type === 'datagram.bye' && isPunched);
  }
});

test('a session of protocol 2 counts only after the first sealed datagram from where the Register came from', () => {
  for (const { before, move } of sessions) {
    const isFirst =
      before.hasTag('proving') &&
      move.stimulus.event.type === 'datagram.sealed' &&
      sameEndpoint(move.stimulus.event.from, before.context.client);
    assert.equal(before.hasTag('proving') && move.result.snapshot.hasTag('registered'), isFirst);
    assert.equal(
      emittedBy(move).some(({ type }) => type === 'proven'),
      isFirst,
    );
  }
});

test('a session of protocol 2 moves only after a path response', () => {
  for (const { before, move } of sessions) {
    const isMoved = !sameEndpoint(move.result.snapshot.context.client, before.context.client);
    if (isMoved) assert.equal(move.stimulus.event.type, 'datagram.pathResponse');
    if (isMoved) assert.deepEqual(move.result.snapshot.context.client, move.stimulus.event.from);
  }
});

test('a session of protocol 2 answers whatever happens in one way, and sends one datagram for each it gets', () => {
  assert.deepEqual(requestsOf(livesOf('session', 2)), [
    'Bye from the client in proven: ended',
    'Keepalive from another port in proven: keepaliveAck',
    'Keepalive from the address in proven: keepaliveAck',
    'PathResponse from another port in proven: moved, keepaliveAck',
    'PathResponse from the address in proven: moved, keepaliveAck',
    'Register from the address in proving: registerAck',
    'a sealed datagram from another port in proven: pathChallenge',
    'a sealed datagram from the address in proven: pathChallenge',
    'a sealed datagram from the address in proving: proven',
    'after proof in proving: ended',
    'after ttl in proven: ended',
    'the client takes another name in proven: ended',
    'the client takes another name in proving: ended',
  ]);
  for (const { move } of sessions) {
    const transmissions = emittedBy(move).filter(({ type }) => type === 'transmit');
    assert(transmissions.length <= 1);
    for (const { to } of transmissions) assert.deepEqual(to, move.stimulus.event.from);
  }
});

test('an introduction does what each event calls for, and nothing else', () => {
  assert.deepEqual(requestsOf(graphs.introduction), [
    'after declineTime in open: decline',
    'after memory in answered: ended',
    'after memory in declined: ended',
    'the caller asks once more in answered: answer',
    'the caller asks once more in declined: decline',
    'the caller asks once more in open.offering: offer',
    'the other accepts in answered: start',
    'the other accepts in declined: answer, start',
    'the other accepts in open.offering: answer, start',
  ]);
});

function wasConnectedIn(snapshot: AnyMachineSnapshot): boolean {
  return snapshot.matches('verified') || snapshot.matches('restoring');
}

function isRequest({ message }: AnyEventObject): boolean {
  return message?.type === 'holePunchRequest';
}

/** The lines of one event in several states. */
function from(event: string, request: string, places: readonly string[]): readonly string[] {
  return places.map((place) => `${event} in ${place}: ${request}`);
}

/** Whether a path is in use and not in doubt, and this is the one that the server had told before that. */
function isDetour(before: AnyMachineSnapshot, from: Endpoint): boolean {
  const { remote, introduced } = before.context;
  return before.matches('verified') && sameEndpoint(from, introduced) && !sameEndpoint(remote, from);
}
