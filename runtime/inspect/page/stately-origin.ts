/** The hosted page that draws the charts of the Stately Inspector. */
export const STATELY_ORIGIN = 'https://stately.ai';
