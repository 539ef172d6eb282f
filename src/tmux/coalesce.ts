/**
 * Answers all calls that come while a question is open with one more question: nobody gets an
 * answer to a question that was asked before the call.
 */
export const coalesce = <T>(question: () => Promise<T>): (() => Promise<T>) => {
  let open: Promise<unknown> | null = null;
  let next: Promise<T> | null = null;

  const put = (): Promise<T> => {
    const answer = question();
    const done = () => {
      open = null;
    };
    open = answer.then(done, done);
    return answer;
  };

  return () => {
    if (open === null) return put();
    next ??= open.then(() => {
      next = null;
      return put();
    });
    return next;
  };
};
