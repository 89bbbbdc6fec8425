/** What the hosts check before a chart hears of anything. Each can be left out, to see that its absence is found. */
export const realRules = {
  /** A Register needs a cookie for the address it comes from. */
  cookiesAreChecked: true,
  /** A session counts for its name from the first datagram that its client has sealed. */
  sessionsAreProven: true,
  /** Who registers a leased name must have the key. */
  leasesAreHeld: true,
  /** What was opened before is not opened again. */
  windowIsKept: true,
  /** A path challenge is answered from where it was sent to. */
  tokensAreChecked: true,
  /** A nonce counts on the path it was sent on. */
  echoesGoByPath: true,
  /** A nonce counts for some seconds. */
  noncesAge: true,
  /** Who has made an offer must have the key that the server names. */
  offersAreCompared: true,
  /** The server's word for a caller's key must be the key that is known. */
  keysAreCompared: true,
  /** Of the addresses that a peer names, only its own count. */
  candidatesAreFiltered: true,
  /** What is said to be a peer's word is opened with the keys that both have. */
  wordsAreOpened: true,
  /** A session that began before the one that counts does not take its place. */
  sessionsKeepOrder: true,
} as const satisfies Record<string, boolean>;

export type Rules = Readonly<Record<keyof typeof realRules, boolean>>;
