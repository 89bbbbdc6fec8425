/** What the worlds leave out or take together. Printed with the verdicts: nothing of this is silent. */
export const abstractions: readonly string[] = [
  'Packets in flight are a set: equal ones count as one, any may overtake any, and none grows too old to arrive.',
  'Retries are alike: the number of an attempt is not counted, so a retry waits from 50 to 2000 ms.',
  'With ordered=1, a timer does not fire before one of the same chart that was armed no later and surely waits less; timers of different charts fire in any order. With ordered=0, any armed timer may fire first: more runs than there are, which is stricter on what must never happen, and laxer on what can still happen.',
  'A stranger’s datagrams arrive when they are made up. Replies of the server’s address from elsewhere stand for all addresses that are not the server’s.',
  'Each client has one link, to the other; introductions to third names are not delivered, and nobody says anything but greetings.',
  'A client that leaves or comes back does so at once; its new port has no holes, and its old one receives nothing.',
  'Openers never arrive. Admission budgets, malformed datagrams and the other address family are left to other tests.',
  'Symmetry is not used: alice asks and bob is called, unless both ask; every state is explored as it is.',
];
