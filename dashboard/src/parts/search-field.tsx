/** Looks for something with every letter; `/` leads there from anywhere on the page. */
export const SearchField = (props: {
  name: string;
  /** What is looked through. */
  through: string;
  value: string;
  onSearch(text: string): void;
}) => {
  const { name, through, value, onSearch } = props;
  return (
    <input
      type="search"
      aria-label={name}
      placeholder={`Search: ${through}`}
      data-shortcut="/"
      value={value}
      onInput={({ currentTarget }) => onSearch(currentTarget.value)}
    />
  );
};
