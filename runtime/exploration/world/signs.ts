/** What a move has shown, as bits. */
export const SENT_TO_UNGIVEN = 1;
export const NAME_TAKEN = 2;
export const REGISTER_AMPLIFIED = 4;
export const REQUEST_AMPLIFIED = 8;
/** A link that was punching took notice of what the peer said: alice's, bob's. */
export const HEARD = 16;

export type Witness = {
  /** A chart comes to life, in this field. */
  began(field: number, beginning: string): void;
  happened(field: number, stimulus: number): void;
  sent(packet: number): void;
  /** A packet that opens a hole and dies before it arrives anywhere. */
  openerSent(who: number, to: number): void;
  /** A NAT is about to have a hole, which it may have already. */
  opening(who: number, to: number): void;
};
