/** What the sealed worlds leave out or take together. Printed with the verdicts: nothing of this is silent. */
export const sealedAbstractions: readonly string[] = [
  'Cryptography is perfect and symbolic: a datagram is a term, and who has not the keys can carry it, but neither make nor read it.',
  'The attacker sees every packet in flight, delays, drops and doubles any, and carries what is sent to itself on to whom it is for. What it makes up or delivers as if from elsewhere is counted. What is sent to the bystander it does not see.',
  'Nonces, ids and keys are fresh: a number that nobody has any more, and that is in no packet. All knocks of a client have one nonce, so an old challenge passes for a new one. A cookie is good until the server restarts.',
  'A sealed datagram is opened once, in any order: the window of 1024 counters is unbounded here, and counters themselves are left to other tests.',
  'Leases are written at once and for ever. Budgets, malformed datagrams, the other address family and application data are left to other tests.',
  'Retries are alike: the number of an attempt is not counted. With ordered=0 any armed timer of a chart may fire first: stricter on what must never happen, and laxer on what can still happen.',
  'What a peer has sealed for its introduction anew is as good each time. A client takes every challenge of its server for news of where it is. A request for an introduction that is remembered is that one, whatever its id.',
  'Each client has one peer. Openers never arrive. A client that moves is told so; it and a restarted one are at once where they will be. Where registrations are settled, a restarted client has its session at once.',
  'An evil server knows every offer and answer that it was given, has an offer of its own, and tells clients anything with them.',
];
