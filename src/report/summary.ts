import type { Failure } from '../failure.ts';
import type { RunResult } from '../renew.ts';
import type { Span } from '../timeline.ts';
import { isoSeconds } from './outputs.ts';

/** The job summary, in Markdown: a table of the certificate and a chart of where the time went. */
export function describeRun(name: string, result: RunResult, spans: readonly Span[]): string {
  const { description } = result;
  const rows: [string, string][] = [
    ['Names', description.domains.map(code).join('<br>')],
    ['Issuer', cell(description.issuer)],
    ['Valid', `${isoSeconds(description.notBefore)} to ${isoSeconds(description.notAfter)}`],
    ['Serial', code(description.serial)],
    ['SHA-256', code(description.fingerprint)],
    ['Next renewal', isoSeconds(result.renewAt)],
    ['Reason', cell(result.reason)],
    ['Requests to the CA', String(result.requests)],
  ];
  if (result.explanationUrl !== undefined) {
    rows.push(["The CA's explanation", cell(result.explanationUrl)]);
  }
  return [
    `### Certificate ${cell(name)}: ${result.renewed ? 'renewed' : 'not due'}`,
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([label, value]) => `| ${label} | ${value} |`),
    '',
    describeTime(spans),
    '',
  ].join('\n');
}

/** The job summary of a run that failed. */
export function describeFailedRun(name: string, failure: Failure, spans: readonly Span[]): string {
  return [
    `### Certificate ${cell(name)}: ${cell(failure.title)}`,
    '',
    fenced(failure.message),
    '',
    cell(failure.advice),
    '',
    ...(spans.length > 0 ? [describeTime(spans), ''] : []),
  ].join('\n');
}

/** A Mermaid Gantt chart, one section a party, in milliseconds. */
export function describeTime(spans: readonly Span[]): string {
  const sections = [...new Set(spans.map(({ section }) => section))];
  const lines = sections.flatMap((section) => [
    `    section ${section}`,
    ...spans
      .filter((span) => span.section === section)
      .map(({ label, start, end }) => {
        const took = ((end - start) / 1000).toFixed(2);
        return `    ${label} (${took} s) :${Math.round(start)}, ${Math.max(Math.round(end), Math.round(start) + 1)}`;
      }),
  ]);
  return [
    '```mermaid',
    'gantt',
    '    title Where the time went',
    '    dateFormat x',
    '    axisFormat %M:%S',
    ...lines,
    '```',
  ].join('\n');
}

/** Text in a table cell: nothing in it is read as Markdown or HTML. */
function cell(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replace(/\s*\n\s*/g, '<br>');
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

/** A block of text whose fence is longer than any run of backticks in it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
