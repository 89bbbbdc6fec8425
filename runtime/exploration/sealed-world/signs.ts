/** What a move has shown, as bits. */
export const AMPLIFIED = 1;
export const SENT_TO_UNGIVEN = 2;
export const NAME_TAKEN = 4;
export const DISPLACED = 8;
export const CONNECTED_UNPROVEN = 16;
export const DECLINED_EARLY = 32;
export const HEEDED_TWICE = 64;
export const BELIEVED_OLD = 128;
