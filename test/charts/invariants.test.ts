import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, sameEndpoint, sameFamily } from '../../machines/endpoint.ts';
import { nameOf, placeOf, transitionsOf } from '../../runtime/exploration/anatomy.ts';
import { chartNames, charts } from '../../runtime/exploration/charts.ts';
import { domainOf } from '../../runtime/exploration/preemption.ts';
import { keyOf } from '../../runtime/exploration/situation.ts';
import { emittedBy, faultsOf, spentTimers } from './faults.ts';
import { graphs, livesOf, requestsOf, snapshotsOf } from './graphs.ts';

const clients = livesOf('client', 1);
const links = livesOf('link', 1);
const sessions = livesOf('session', 1);

for (const name of chartNames) {
  test(`${name} has one phase, a way out in time, a reason to fail, and nothing to do with strangers, everywhere`, () => {
    assert.deepEqual(graphs[name].flatMap(faultsOf), []);
  });
}

test('no transition within one parallel region starts the other regions anew', () => {
  const disturbing = chartNames.flatMap((name) =>
    transitionsOf(charts[name].machine)
      .filter((transition) => domainOf(transition)?.type === 'parallel')
      .map(nameOf),
  );
  assert.deepEqual(disturbing, []);
});

test('a delay that has fired starts again', () => {
  const spent = chartNames.flatMap((name) =>
    graphs[name].flatMap((graph) =>
      [...graph.situations.values()].flatMap((situation) =>
        spentTimers(graph.chart, situation).map((timer) => `${placeOf(situation.snapshot.value)}: ${timer}`),
      ),
    ),
  );
  assert.deepEqual([...new Set(spent)], []);
});

test('a client knows its server wherever it has spoken to it', () => {
  const speaking = [...snapshotsOf(clients), ...snapshotsOf(livesOf('client', 2))].filter(
    ({ value }) => placeOf(value) !== 'joining.registering',
  );
  for (const { context, status } of speaking) assert(context.server !== null || status !== 'active');
});

test('a client asks for what each event calls for, and for nothing else', () => {
  assert.deepEqual(requestsOf(clients), [
    'HolePunchInitiate from the server in joined.registered: introduce',
    'HolePunchInitiate from the server in joined.rejoining.refreshing: introduce',
    'HolePunchInitiate from the server in joined.unregistered: introduce',
    'HolePunchResponseUnknown from the server in joined.registered: disappoint, register',
    'HolePunchResponseUnknown from the server in joined.rejoining.refreshing: disappoint',
    'HolePunchResponseUnknown from the server in joined.unregistered: disappoint',
    'after keepalive in joined.registered: register',
    'after patience in joining: failed',
    'after refusedRetry in joining.refused: register',
    'after retry in joined.rejoining.refreshing: register',
    'after retry in joining.awaitingAck: register',
    'after unreachableRetry in joined.unregistered: register',
    'the socket fails in joining.registering: failed',
    'the socket opens in joining.registering: register',
  ]);
});

test('a link knows where its peer is wherever it punches or is connected', () => {
  const meeting = [...snapshotsOf(links), ...snapshotsOf(livesOf('link', 2))].filter(
    ({ tags }) => tags.has('punching') || tags.has('connected'),
  );
  assert(meeting.length > 0);
  for (const { context } of meeting) assert(context.remote !== null && context.introduced !== null);
});

test('a link asks only its server, and says only greetings and the words of its user, only to its peer', () => {
  const transmissions = links
    .flatMap(({ moves }) => moves)
    .flatMap((move) =>
      emittedBy(move).flatMap((effect) => (effect.type === 'transmit' ? [{ move, effect }] : [])),
    );
  assert(transmissions.length > 0);
  for (const { move, effect } of transmissions) {
    const { server, remote, name } = move.result.snapshot.context;
    const words = move.stimulus.event.type === 'say' ? move.stimulus.event.text : `Hello from ${name}`;
    const isRequest = effect.message.type === 'holePunchRequest';
    assert.deepEqual(effect.to, isRequest ? server : remote, move.stimulus.type);
    if (!isRequest) assert.deepEqual(effect.message, { type: 'message', text: words }, move.stimulus.type);
  }
});

test('a link heeds only addresses it has sent to, and while it punches a greeting from another port of its peer', () => {
  for (const { chart, situations, moves } of links) {
    for (const move of moves.filter(({ stimulus }) => stimulus.event.type === 'datagram.message')) {
      const before = situations.get(move.from)?.snapshot;
      const { from, text } = move.stimulus.event;
      const isTried = before?.context.tried.some((tried: Endpoint) => sameEndpoint(tried, from)) === true;
      const isGreeting = text === `Hello from ${before?.context.peer}`;
      const isNewPort = before?.context.remote?.address === from.address && isGreeting;
      const isHeeded = before?.hasTag('punching')
        ? isTried || isNewPort
        : before?.hasTag('connected') && isTried;
      const hasEffect = move.to !== move.from || move.result.effects.length > 0;
      assert.equal(hasEffect, isHeeded, `${move.stimulus.type} leads to ${keyOf(chart, move.result)}`);
    }
  }
});

test('an introduction starts punching, unless it repeats the last; one of the other family ends only the search', () => {
  const outcomes = links.flatMap(({ situations, moves }) =>
    moves.flatMap(({ from, to, stimulus, result }) => {
      const before = situations.get(from)?.snapshot;
      if (stimulus.event.type !== 'introduced' || before === undefined) return [];
      const { introduced } = before.context;
      const isOtherFamily = !sameFamily(stimulus.event.remote, before.context.server);
      const isRepeated = introduced !== null && sameEndpoint(introduced, stimulus.event.remote);
      const kind = isOtherFamily ? 'other family' : isRepeated ? 'repeated' : 'new';
      const outcome = from === to && result.effects.length === 0 ? 'ignored' : placeOf(result.snapshot.value);
      return [`${kind} while ${[...before.tags]}: ${outcome}`];
    }),
  );
  assert.deepEqual([...new Set(outcomes)].sort(), [
    'new while absent: punching.opening',
    'new while connected: punching.opening',
    'new while punching: punching.opening',
    'new while requesting: punching.opening',
    'other family while absent: failed',
    'other family while connected: ignored',
    'other family while punching: ignored',
    'other family while requesting: failed',
    'repeated while connected: ignored',
    'repeated while punching: ignored',
  ]);
});

test('a session answers whatever happens in one way, and its own client only', () => {
  assert.deepEqual(requestsOf(sessions), [
    'HolePunchRequest from the client in registered: seek',
    'Register from a stranger in registered: refuse',
    'Register from another port in registered: moved, registerAck',
    'Register from another port in registered: registerAck',
    'Register from the address in registered: moved, registerAck',
    'Register from the address in registered: registerAck',
    'a peer calls in registered: holePunchInitiate',
    'after ttl in registered: ended',
    'the client takes another name in registered: ended',
    'the peer is found in registered: holePunchInitiate',
    'the peer is missing in registered: holePunchResponseUnknown',
  ]);
  for (const move of sessions.flatMap(({ moves }) => moves)) {
    const { client } = move.result.snapshot.context;
    const { type, from } = move.stimulus.event;
    const transmissions = emittedBy(move).filter((effect) => effect.type === 'transmit');
    for (const { to } of transmissions) assert.deepEqual(to, type === 'datagram.register' ? from : client);
    for (const { to } of transmissions) assert.deepEqual(to, client);
  }
});
