/** Lets only so many of the jobs run at a time; the others wait in order. */
export const createLimit = (most: number) => {
  let running = 0;
  const waiting: (() => void)[] = [];

  return async <T>(job: () => Promise<T>): Promise<T> => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await job();
    } finally {
      // The place goes straight to the next in line, or is free again.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
};
