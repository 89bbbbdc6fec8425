import type { Report } from '../../cli/render.ts';

type Of<Type extends Report['type']> = Extract<Report, { readonly type: Type }>;
type LinkReport = Extract<Report, { readonly of: 'link' }>;

export function isListening(report: Report): report is Of<'listening'> {
  return report.type === 'listening';
}

export function isStatus(report: Report): report is Of<'status'> {
  return report.type === 'status';
}

export function isNotice(report: Report): report is Of<'notice'> {
  return report.type === 'notice';
}

export function isInspector(report: Report): report is Of<'inspector'> {
  return report.type === 'inspector';
}

export function isEnd(report: Report): report is Of<'end'> {
  return report.type === 'end';
}

/** Matches a report that a client, or one of its links, is in that state. */
export function isState(state: string): (report: Report) => report is Of<'state'> {
  return (report): report is Of<'state'> => report.type === 'state' && report.state === state;
}

/** Matches a report that a link is in that state. */
export function isLink(state: string): (report: Report) => report is LinkReport {
  return (report): report is LinkReport => isState(state)(report) && report.of === 'link';
}
