export const AgentPage = ({ session }: { session: string }) => <h1>{session}</h1>;
