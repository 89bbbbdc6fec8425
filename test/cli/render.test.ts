import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { escapeText, milliseconds, type Report, render, toJson } from '../../cli/render.ts';

const server = { address: '203.0.113.5', port: 39_738 };
const remote = { address: '2001:db8::1', port: 5_000 };

const rendered: readonly (readonly [Report, string | undefined])[] = [
  [{ type: 'listening', endpoint: server }, 'listening at 203.0.113.5:39738'],
  [{ type: 'listening', endpoint: { address: '::', port: 5 } }, 'listening at [::]:5'],
  [
    { type: 'state', of: 'client', name: 'alice', protocol: 2, state: 'registering', elapsedMs: 0.5 },
    '   0.50 ms  registering as alice',
  ],
  [
    { type: 'state', of: 'client', name: 'al\u202eice', protocol: 2, state: 'registering', elapsedMs: 0.5 },
    '   0.50 ms  registering as al\\u{202e}ice',
  ],
  [
    {
      type: 'state',
      of: 'client',
      name: 'alice',
      protocol: 2,
      state: 'awaitingAck',
      elapsedMs: 12.34,
      server,
    },
    '   12.3 ms  awaiting ack of 203.0.113.5:39738',
  ],
  [
    { type: 'state', of: 'client', name: 'alice', protocol: 2, state: 'registered', elapsedMs: 1250, server },
    '    1.25 s  registered with 203.0.113.5:39738',
  ],
  ...(
    [
      [
        { state: 'punching', pause: { because: 'noAnswer', unansweredMs: 30_000 } },
        'punching to bob at [2001:db8::1]:5000 again, with the same keys: no answer for 30.0 s',
      ],
      [
        { state: 'punching', pause: { because: 'networkChanged', unansweredMs: 30_000 } },
        'punching to bob at [2001:db8::1]:5000 again, with the same keys: no answer for 30.0 s, this machine has come to another network',
      ],
      [
        { state: 'connected', pause: { because: 'noAnswer', unansweredMs: 15_200, hasPeerMoved: false } },
        'connected to bob at [2001:db8::1]:5000 again, after 15.2 s without an answer',
      ],
      [
        { state: 'connected', pause: { because: 'networkChanged', unansweredMs: 230, hasPeerMoved: false } },
        'connected to bob at [2001:db8::1]:5000 again, after 230 ms without an answer: this machine has come to another network',
      ],
      [
        { state: 'connected', pause: { because: 'peerSeeks', unansweredMs: 4200, hasPeerMoved: true } },
        'connected to bob at [2001:db8::1]:5000 again, after 4.20 s without an answer: bob has moved there',
      ],
    ] as const
  ).map(([report, text]): [Report, string] => [
    { type: 'state', of: 'link', peer: 'bob', protocol: 2, elapsedMs: 60_000, remote, ...report },
    `    60.0 s  ${text}`,
  ]),
  [
    { type: 'state', of: 'link', peer: 'bob', protocol: 2, state: 'requesting', elapsedMs: 0 },
    '   0.00 ms  requesting bob',
  ],
  [
    { type: 'state', of: 'link', peer: 'bob', protocol: 2, state: 'absent', elapsedMs: 3 },
    '   3.00 ms  bob is not there, or does not take calls from you; asking again every 2 s',
  ],
  [
    { type: 'state', of: 'link', peer: 'bob', protocol: 1, state: 'absent', elapsedMs: 3 },
    '   3.00 ms  bob is not registered; asking again every 2 s',
  ],
  [
    { type: 'state', of: 'client', name: 'alice', protocol: 1, state: 'refused', elapsedMs: 3, server },
    '   3.00 ms  refused by 203.0.113.5:39738: the name is in use from another address, or the server is full; asking again',
  ],
  [
    { type: 'state', of: 'client', name: 'alice', protocol: 2, state: 'refused', elapsedMs: 3, server },
    '   3.00 ms  refused by 203.0.113.5:39738: the name is in use over protocol 1, or the server is full; asking again',
  ],
  [
    { type: 'state', of: 'link', peer: 'bob', protocol: 2, state: 'left', elapsedMs: 3, remote },
    '   3.00 ms  bob has closed the link',
  ],
  [
    { type: 'state', of: 'link', peer: 'bob', protocol: 2, state: 'punching', elapsedMs: 3, remote },
    '   3.00 ms  punching to bob at [2001:db8::1]:5000',
  ],
  [
    {
      type: 'state',
      of: 'link',
      peer: 'b\u001b]0;x\u0007',
      protocol: 2,
      state: 'connected',
      elapsedMs: 4,
      remote,
    },
    '   4.00 ms  connected to b\\u{1b}]0;x\\u{7} at [2001:db8::1]:5000',
  ],
  [
    { type: 'listening', endpoint: server, key: 'K', fingerprint: 'F' },
    'listening at 203.0.113.5:39738\nfingerprint  F\nfor clients  punch client 203.0.113.5#K <name>',
  ],
  [
    { type: 'listening', endpoint: { address: '2001:db8::5', port: 7 }, key: 'K', fingerprint: 'F' },
    'listening at [2001:db8::5]:7\nfingerprint  F\nfor clients  punch client [2001:db8::5]:7#K <name>',
  ],
  [
    { type: 'listening', endpoint: { address: '::', port: 39_738 }, key: 'K', fingerprint: 'F' },
    'listening at [::]:39738\nfingerprint  F\nfor clients  punch client <host>#K <name>',
  ],
  [{ type: 'message', peer: 'bob', text: 'hi' }, 'bob: hi'],
  [
    { type: 'undelivered', peer: 'b\u202eob', text: 'hi\u0007', reason: 'Gone.' },
    'not delivered to b\\u{202e}ob: hi\\u{7} (Gone.)',
  ],
  [{ type: 'message', peer: 'b\u202eob', text: '\u001b[2J' }, 'b\\u{202e}ob: \\u{1b}[2J'],
  [{ type: 'notice', text: 'Mind the gap.' }, 'Mind the gap.'],
  [{ type: 'end', outcome: 'done', code: 0 }, undefined],
  [{ type: 'end', outcome: 'peerUnknown', code: 4, reason: 'No \u0007bob.' }, 'No \\u{7}bob.'],
  [
    {
      type: 'status',
      clients: 2,
      maxClients: 10,
      registrations: 2,
      introductions: 1,
      received: 9,
      sent: 5,
      refused: {},
      malformed: { truncated: 2, notUtf8: 1 },
      shed: {},
      unsent: {},
    },
    '2 clients · 1 introduced · 0 refused · 3 malformed (truncated 2, notUtf8 1)',
  ],
  [
    {
      type: 'status',
      clients: 1,
      maxClients: 1,
      registrations: 0,
      introductions: 0,
      received: 3,
      sent: 0,
      refused: { full: 3 },
      malformed: {},
      shed: { unproven: 7 },
      unsent: { ENETUNREACH: 1 },
      overflows: 7,
    },
    '1 client · 0 introduced · 3 refused (full 3) · 0 malformed · 7 shed (unproven 7) · 7 overflowed · 1 unsent (ENETUNREACH 1)',
  ],
];

const escaped: readonly (readonly [string, string, string])[] = [
  ['letters of every script', 'añ字🙂👨‍🚀'.replace('\u200d', ''), 'añ字🙂👨🚀'],
  ['combining marks', 'e\u0301', 'e\u0301'],
  ['a terminal escape', '\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
  ['a title being set', '\u001b]0;pwned\u0007', '\\u{1b}]0;pwned\\u{7}'],
  ['an escape of eight bits', '\u009b2J', '\\u{9b}2J'],
  ['line ends', 'a\r\nb', 'a\\u{d}\\u{a}b'],
  ['line ends of Unicode', '\u0085\u2028\u2029', '\\u{85}\\u{2028}\\u{2029}'],
  ['zero and delete', '\u0000\u007f', '\\u{0}\\u{7f}'],
  ['overrides of the reading direction', '\u202eabc\u202c', '\\u{202e}abc\\u{202c}'],
  ['isolates of the reading direction', '\u2066abc\u2069', '\\u{2066}abc\\u{2069}'],
  ['invisible characters', 'a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
  ['invisible tags beyond 16 bits', '\u{e0041}', '\\u{e0041}'],
  ['a tab', 'a\tb', 'a\\u{9}b'],
];

const durations: readonly (readonly [number, string])[] = [
  [0, '0.00 ms'],
  [0.424, '0.42 ms'],
  [9.99, '9.99 ms'],
  [12.34, '12.3 ms'],
  [123.4, '123 ms'],
  [1000, '1.00 s'],
  [1254, '1.25 s'],
  [12_340, '12.3 s'],
  [100_000, '100 s'],
];

describe('reports', () => {
  for (const [report, line] of rendered) {
    const { type } = report;
    const state = report.type === 'state' ? ` ${report.of} ${report.state}` : '';
    it(`are shown to people: ${type}${state}`, () => assert.equal(render(report), line));
  }

  it('are printed for programs as JSON, times to the microsecond', () => {
    const report = { type: 'state', of: 'link', peer: 'b"', state: 'punching', elapsedMs: 1.234567 } as const;
    assert.deepEqual(JSON.parse(toJson(report)), { ...report, elapsedMs: 1.235 });
  });

  it('are JSON that steers no terminal, whatever a peer says', () => {
    const report = {
      type: 'message',
      peer: 'b\u202eob',
      text: 'a\nb\r\u001b[2J\u007f\u009b2J\u2028🙂字',
    } as const;
    const line = toJson(report);
    assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assert.deepEqual(JSON.parse(line), report);
  });
});

describe('text from the network', () => {
  for (const [what, text, shown] of escaped) {
    it(`is shown with care: ${what}`, () => assert.equal(escapeText(text), shown));
  }
});

describe('a duration', () => {
  for (const [ms, text] of durations)
    it(`of ${ms} ms reads ${text}`, () => assert.equal(milliseconds(ms), text));

  it('has three figures also where rounding carries', () => {
    assert.equal(milliseconds(9.999), '10.0 ms');
    assert.equal(milliseconds(99.96), '100 ms');
    assert.equal(milliseconds(999.6), '1.00 s');
  });
});
