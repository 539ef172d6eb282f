/** Figures in a document of docs/, each benchmark's between two markers of its own. */

/** The document with what it says of one benchmark replaced. */
export const withReport = (document: string, benchmark: string, report: string): string => {
  const begin = `<!-- ${benchmark}: begin -->`;
  const end = `<!-- ${benchmark}: end -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document has no place for ${benchmark}`);
  return `${document.slice(0, from)}${begin}\n\n${report}\n\n${document.slice(to)}`;
};
