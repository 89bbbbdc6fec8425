import { inFile, type Mutant } from './mutant.ts';

/** Faults in what carries protocol 2: its server and its clients. */
export const inHostsWithKeys: readonly Mutant[] = [
  ...inFile('runtime/sealed-registrations.ts', [
    {
      fault: 'A Register costs the server public-key work, whatever its cookie',
      text: 'if (!this.#cookies.isGood(unpack(from), nonce, cookie)) {',
      becomes: 'if (cookie.length === 0) {',
    },
    {
      fault: 'A name goes to any key once it belongs to one',
      text: 'holder !== undefined && sameKey(holder, response.remoteKey)',
      becomes: 'holder !== undefined',
    },
    {
      fault: 'A registration is acknowledged while its lease is being written',
      text: `    this.#writing.add(registration);\n`,
      becomes: `    return this.#granted(admitted, 'granted');\n`,
    },
    {
      fault: 'A Register that comes again later begins another session',
      text: `return this.#count('refused.repeated');`,
      becomes: '',
    },
  ]),
  ...inFile('runtime/sealed-service.ts', [
    {
      fault: 'A session moves to an address that the token was not sent to',
      text: `    if (!this.#cookies.isGood(unpack(from), this.#keys.idOf(session), token))
      return this.#count('refused.badToken');\n`,
      becomes: '',
    },
    {
      fault: 'A client may ask for introductions as often as it likes',
      text: `        if (!this.#mayAsk(session)) return this.#count('refused.tooMany');
        return this.#request(session, letter);`,
      becomes: '        return this.#request(session, letter);',
    },
    {
      fault: 'A caller is introduced to whoever has the name, whatever key it has asked for',
      text: ' && sameKey(this.#keys.keyOf(named), key)',
      becomes: ' && key.length > 0',
    },
    {
      fault: 'A client that has registered anew keeps its former session as well',
      text: 'this.#sessions.take(isLate ? session : former, this.#event.replaced);',
      becomes: 'if (isLate) this.#sessions.take(session, this.#event.replaced);',
    },
  ]),
  ...inFile('runtime/sealed-sessions.ts', [
    {
      fault: 'A server opens what was sealed as often as it comes',
      text: `    if (wasSeen(words, ring, received, counter)) return 'replayed';\n`,
      becomes: '',
    },
    {
      fault: 'A server seals everything under one counter',
      text: '= counter + 1;',
      becomes: '= counter;',
    },
  ]),
  ...inFile('runtime/sealed-service.ts', [
    {
      fault: 'A client is introduced by an address that it has left',
      text: `        if (!this.#sessions.isAt(session)) return this.#count('refused.elsewhere');
        if (!this.#mayAsk`,
      becomes: '        if (!this.#mayAsk',
    },
  ]),
  ...inFile('runtime/introductions.ts', [
    {
      fault: 'A session that has ended leaves the introductions to it behind',
      text: 'return callee === undefined ? [caller] : [caller, callee];',
      becomes: 'return callee === undefined ? [] : [caller];',
    },
    {
      fault: 'A client may answer a call that was for another',
      text: 'return introduction?.callee === callee ? introduction : undefined;',
      becomes: 'return callee === undefined ? undefined : introduction;',
    },
    {
      fault: 'A server remembers as many introductions of a caller as it asks for',
      text: `    if (requests.size >= OF_ONE_CALLER_MAX) return 'tooMany';\n`,
      becomes: '',
    },
    {
      fault: 'The same request is answered otherwise when it comes again',
      text: 'if (introduction.answer.length === 0) introduction.answer = answer;',
      becomes: 'introduction.answer = answer;',
    },
  ]),
  ...inFile('runtime/sealed/registration.ts', [
    {
      fault: 'A client registers with whoever challenges it, under any key',
      text: `    if (!this.#isTrusted(serverKey)) return 'distrusted';\n`,
      becomes: '',
    },
  ]),
  ...inFile('runtime/sealed/edge.ts', [
    {
      fault: 'A client heeds whatever says that it is from the server',
      text: '!sameEndpoint(from, server)) return',
      becomes: 'from.port === 0) return',
    },
  ]),
  ...inFile('runtime/sealed/conversation.ts', [
    {
      fault: 'What the server makes up passes for the word of a peer, and aims its link at anybody',
      text: `    this.#count(typeof letter === 'string' ? letter : 'ignored.astray');
    return undefined;`,
      becomes: `    this.#count(typeof letter === 'string' ? letter : 'ignored.astray');
    return [];`,
    },
  ]),
  ...inFile('runtime/sealed/renewals.ts', [
    {
      fault: 'A peer that asks to be introduced anew is told nothing',
      text: `    accept({ link, answer });\n`,
      becomes: '',
    },
  ]),
  ...inFile('runtime/sealed/calls.ts', [
    {
      fault: 'A call is taken for that of the key that the server names, whoever has made the offer',
      text: 'if (response === undefined || !sameKey(response.remoteKey, letter.key)) {',
      becomes: 'if (response === undefined) {',
    },
    {
      fault: 'A peer is called by the key that the server gives, though it is known by another',
      text: `if (this.#office.secrecy.trustPeer(link.peer, key) === 'distrusted') {`,
      becomes: 'if (link.key !== undefined) {',
    },
    {
      fault: 'Whoever calls is accepted',
      text: 'secrecy.accepts(key, name) ? undefined',
      becomes: 'key.length > 0 ? undefined',
    },
  ]),
  ...inFile('runtime/sealed/candidates.ts', [
    {
      fault: 'A peer can make a client probe its neighbours, by naming private addresses',
      text: '(isNeighbour && isPrivate(candidate))',
      becomes: 'isPrivate(candidate)',
    },
  ]),
  ...inFile('runtime/sealed/paths.ts', [
    {
      fault: 'A path works if what comes back was sent over any path',
      text: 'const { sent } = this.#pathTo(from);',
      becomes: 'const sent = [...this.#paths.values()].flatMap((path) => path.sent);',
    },
    {
      fault: 'A path works if what comes back was sent at any time',
      text: 'sent: sent.filter(({ atMs }) => now - atMs < PROBE_NONCE_MS),',
      becomes: 'sent,',
    },
    {
      fault: 'All probes on a path have one nonce',
      text: 'const nonce = this.#entropy(ID_BYTES);',
      becomes: 'const nonce = sent.at(-1)?.nonce ?? this.#entropy(ID_BYTES);',
    },
  ]),
  ...inFile('runtime/sealed/lines.ts', [
    {
      fault: 'A line that comes twice is taken for the next one',
      text: 'if (number >= this.#nextToDeliver) this.#ahead.set(number, text);',
      becomes: 'this.#ahead.set(Math.max(number, this.#nextToDeliver), text);',
    },
    {
      fault: 'A line that has overtaken others is delivered before them',
      text: 'this.#ahead.set(number, text);',
      becomes: 'this.#ahead.set(this.#nextToDeliver, text);',
    },
  ]),
  ...inFile('runtime/sealed/sealed-link.ts', [
    {
      fault: 'Links in doubt take all that the server grants, and leave no call',
      text: ' || !this.#office.renewals.spend()) return;',
      becomes: ') return;',
    },
    {
      fault: 'Nobody is told that a line may not have arrived when its link ends',
      text: `    this.#conversation?.end(error);\n`,
      becomes: '',
    },
  ]),
];
