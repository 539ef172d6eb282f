export const ChartPage = ({ session }: { session: string | null }) => <h1>{session}</h1>;
