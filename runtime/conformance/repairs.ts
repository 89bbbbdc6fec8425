/** Where protocol 1 as we have it differs from what the original server does, and why. */
export const repairs = {
  calleeFirst:
    'The original introduces the called client before the one who asked. Ours does it the other way round: an original ' +
    'client that asks dies of a greeting that overtakes its introduction, one that waits does not.',
  lastWriterWins:
    'In the original anybody may take any name at any time. Ours holds a live name against other IP addresses, so that ' +
    'nobody is cut off, or impersonated, by whoever knows the name.',
  keepsOldNames:
    'In the original an endpoint that registers another name keeps the old one, and is introduced under either. Ours has ' +
    'one name for an endpoint, so that a client is found under the name it goes by.',
  introducesToSelf:
    'The original introduces a client that asks for its own name to itself. Ours answers that there is no such peer: ' +
    'nobody can punch to himself.',
  neverForgets:
    'The original remembers a client for ever. Ours forgets one that was silent for 90 s, because its address has ' +
    'most likely gone to somebody else, at whom peers would be sent.',
  takesAnyName:
    'The original takes any text for a name: an empty one, one with control characters, one of more than 63 bytes. Ours ' +
    'drops those, which could steer a terminal or leave no room in an introduction.',
  readsPastTheEnd:
    'The original decodes its whole buffer: bytes left over do not matter to it, and what is missing it takes from an ' +
    'earlier datagram. Ours drops what is not exactly one message.',
  diesOfGarbage:
    "The original's program ends on a datagram that it cannot decode. Ours drops and counts it: one packet of a " +
    'stranger must not end a server.',
} as const;

/** Something that the original does and that our server does otherwise. */
export type Repair = keyof typeof repairs;

/** Each in a few words. */
export const repairTitles: Readonly<Record<Repair, string>> = {
  calleeFirst: 'introduces the called client first',
  lastWriterWins: 'gives a live name to whoever asks for it',
  keepsOldNames: 'keeps the old name of an endpoint that takes another',
  introducesToSelf: 'introduces a client to itself',
  neverForgets: 'never forgets a client',
  takesAnyName: 'takes any text for a name',
  readsPastTheEnd: 'reads past the end of a datagram',
  diesOfGarbage: 'ends on a malformed datagram',
};
