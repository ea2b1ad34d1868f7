/** Deadlines, in milliseconds; undefined means no deadline. */

/** Calls `expire` at the deadline, unless it is disposed of before. */
export function startDeadline(milliseconds: number | undefined, expire: () => void): Disposable {
  const timer = milliseconds === undefined ? undefined : setTimeout(expire, milliseconds);
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
    },
  };
}

/** Returns the call's result, or throws `timeout()` at the deadline. The call itself is not cancelled. */
export async function withDeadline<T>(
  milliseconds: number | undefined,
  timeout: () => Error,
  call: () => Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  using _deadline = startDeadline(milliseconds, () => {
    late.reject(timeout());
  });
  return await Promise.race([call(), late.promise]);
}
