/** A limit on how long something may take. Milliseconds; undefined for no limit. */

/** Calls `expire` once the limit has passed, unless it is disposed of before. */
export function startDeadline(limit: number | undefined, expire: () => void): Disposable {
  const timer = limit === undefined ? undefined : setTimeout(expire, limit);
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
    },
  };
}

/** The call's result, or `timeout()` thrown once the limit has passed. The call itself is not stopped. */
export async function withDeadline<T>(
  limit: number | undefined,
  timeout: () => Error,
  call: () => Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  using _deadline = startDeadline(limit, () => {
    late.reject(timeout());
  });
  return await Promise.race([call(), late.promise]);
}
