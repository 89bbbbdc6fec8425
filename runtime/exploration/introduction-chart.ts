import { introductionMachine } from '../../machines/introduction.ts';
import type { Chart } from './chart.ts';

export const introductionChart: Chart<typeof introductionMachine> = {
  machine: introductionMachine,
  beginnings: {
    'an introduction to a client that is there': { isReachable: true },
    'an introduction to a client that is not there': { isReachable: false },
  },
  events: {
    'the caller asks once more': { type: 'repeated' },
    'the other accepts': { type: 'accepted' },
    'the other refuses': { type: 'refused' },
  },
  strangers: {},
  pacing: [],
  resting: [],
};
