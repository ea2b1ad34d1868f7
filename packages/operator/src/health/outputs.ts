/**
 * Where a check's result goes besides stdout. No output changes the exit code or takes longer than two seconds; if one
 * fails, `report` receives a line. Their addresses are secrets and appear in no message.
 */
import { writeFileAtomically } from '@user-behaviour/shared/atomic-file';
import type { Failure } from '@user-behaviour/shared/failure';
import type { Addresses } from './addresses.ts';
import type { Finding } from './finding.ts';
import type { Health } from './health.ts';
import { prometheusText } from './prometheus-text.ts';

/** Milliseconds that all outputs together may take. */
const limit = 2_000;

export interface Outputs {
  /** Tells the result of a check. */
  readonly tell: (health: Health, exit: number) => Promise<void>;
  /** Tells that there was none. */
  readonly tellFailure: (failure: Failure) => Promise<void>;
}

/** Tells the ping's address that a check begins; the check goes on meanwhile. */
export function openOutputs(addresses: Addresses, report: (line: string) => void): Outputs {
  const { PING_URL: ping, WEBHOOK_URL: webhook, PROMETHEUS_FILE: file } = addresses;
  const begun = new AbortController();
  const start =
    ping === undefined ? undefined : post(pingAddress(ping, '/start'), '', begun.signal);
  // It may fail before anybody waits for it.
  start?.catch(() => undefined);
  const attempt = async (failed: string, output: Promise<void> | undefined): Promise<void> => {
    try {
      await output;
    } catch (error) {
      report(`health: ${failed}: ${reasonOf(error)}`);
    }
  };
  const end = async (
    exit: number,
    body: string,
    message: object | undefined,
    metrics?: string,
  ): Promise<void> => {
    const signal = AbortSignal.timeout(limit);
    const half = AbortSignal.timeout(limit / 2);
    half.addEventListener('abort', () => {
      begun.abort(half.reason);
    });
    const pinged = async (address: string): Promise<void> => {
      // After the start, or the service would take the check as running.
      await start?.catch(() => undefined);
      await post(pingAddress(address, exit === 0 ? '' : `/${String(exit)}`), body, signal);
    };
    const called =
      webhook === undefined || message === undefined
        ? undefined
        : post(webhook, JSON.stringify(message), signal, 'application/json');
    const written =
      file === undefined || metrics === undefined
        ? undefined
        : writeFileAtomically(file, [metrics], { signal });
    await Promise.all([
      attempt('the ping of the start was not sent', start),
      attempt('the ping was not sent', ping === undefined ? undefined : pinged(ping)),
      attempt('the webhook was not called', called),
      attempt('the file for Prometheus was not written', written),
    ]);
  };
  return {
    tell: (health, exit) => {
      const { findings } = health;
      const message = findings.length === 0 ? undefined : { text: textOf(findings), findings };
      return end(exit, linesOf(findings), message, prometheusText(health));
    },
    tellFailure: ({ exit, message, action }) => {
      const text = `User behaviour could not be checked: ${message}\n${action}`;
      return end(exit, text, { text, findings: [] });
    },
  };
}

/** A line of JSON for each finding. */
export const linesOf = (findings: readonly Finding[]): string =>
  findings.map((finding) => JSON.stringify(finding)).join('\n');

/** How many findings a message spells out. */
const spelledOut = 20;

function textOf(findings: readonly Finding[]): string {
  const errors = findings.filter(({ level }) => level === 'error').length;
  const lines = findings
    .slice(0, spelledOut)
    .map(({ finding, ds, message, action }) => `• ${finding} ${ds}: ${message}. ${action}`);
  const others = findings.length - lines.length;
  return [
    `User behaviour: ${String(errors)} errors, ${String(findings.length - errors)} warnings`,
    ...lines,
    ...(others > 0 ? [`and ${String(others)} more`] : []),
  ].join('\n');
}

/** Keeps a query, which some services have. */
function pingAddress(address: string, suffix: string): string {
  const found = new URL(address);
  found.pathname = found.pathname.replace(/\/$/, '') + suffix;
  return found.href;
}

class Refusal extends Error {}

async function post(
  address: string,
  body: string,
  signal: AbortSignal,
  type = 'text/plain; charset=utf-8',
): Promise<void> {
  const {
    ok,
    status,
    body: reply,
  } = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
    signal,
  });
  await reply?.cancel();
  if (!ok) throw new Refusal(`the answer was ${String(status)}`);
}

/** The messages of fetch may hold the address. */
function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const { name = '', cause, code } = error as Partial<NodeJS.ErrnoException>;
  if (name === 'TimeoutError' || name === 'AbortError') return 'there was no answer in time';
  return code ?? (cause as NodeJS.ErrnoException | undefined)?.code ?? name;
}
