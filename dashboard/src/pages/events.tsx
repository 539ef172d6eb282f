export const EventsPage = ({ session }: { session: string | null }) => <h1>{session}</h1>;
