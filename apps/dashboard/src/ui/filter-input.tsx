import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { savedFilters } from '../data/settings.js';
import { completionsOf, faultOf, guessFilter, type KnownNames } from './complete.decide.js';
import { Icon } from './icon.js';
import { toast } from './toast.js';

interface FilterInputProps {
  filter: string;
  known: KnownNames;
  onFilter: (filter: string) => void;
}

/** A filter as text, with completions. It is applied by Enter, and by leaving the field. */
export function FilterInput({ filter, known, onFilter }: FilterInputProps): JSX.Element {
  const [text, setText] = useState(filter);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  useEffect(() => setText(filter), [filter]);
  const completions = isOpen ? completionsOf(text, known) : [];
  const fault = faultOf(text);
  const guess = fault === null ? null : guessFilter(text, known);
  const apply = (given: string): void => {
    const next = faultOf(given) === null ? given.trim() : guessFilter(given, known);
    if (next === null) return;
    setText(next);
    setOpen(false);
    if (next !== filter) onFilter(next);
  };
  const take = (next: string): void => {
    setText(next);
    setChosen(-1);
    setOpen(true);
    input.current?.focus();
  };
  // The field itself has what was typed last: the next rendering may still have to come.
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && completions.length > 0) {
      event.preventDefault();
      setChosen((chosen + step + completions.length) % completions.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const completion = completions[chosen];
      if (completion !== undefined) take(completion.filter);
      else apply(event.currentTarget.value);
    } else if (event.key === 'Escape') {
      if (isOpen) setOpen(false);
      else input.current?.blur();
    }
  };
  return (
    <div class="filter">
      <div class={fault === null ? 'filter-field' : 'filter-field wrong'}>
        <Icon name="search" />
        <input
          ref={input}
          type="text"
          data-testid="filter"
          data-filter=""
          role="combobox"
          aria-label="Filter"
          aria-autocomplete="list"
          aria-expanded={completions.length > 0}
          aria-controls={list}
          aria-activedescendant={chosen >= 0 && chosen < completions.length ? `${list}-${chosen}` : undefined}
          aria-invalid={fault !== null}
          placeholder="state:failed queue:mail since:1h"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          value={text}
          onFocus={() => setOpen(true)}
          onBlur={({ currentTarget }) => {
            setOpen(false);
            apply(currentTarget.value);
          }}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            setChosen(-1);
            setOpen(true);
          }}
          onKeyDown={onKeyDown}
        />
        {text !== '' && (
          <button type="button" class="quiet square" aria-label="Clear the filter" onClick={() => onFilter('')}>
            <Icon name="close" />
          </button>
        )}
        <Saved filter={filter} onFilter={onFilter} />
      </div>
      <ul id={list} class={completions.length > 0 ? 'completions' : 'hidden'} role="listbox" aria-label="Completions">
        {completions.map((completion, at) => (
          <li
            key={completion.label}
            id={`${list}-${at}`}
            role="option"
            aria-selected={at === chosen}
            // Before the field loses the focus.
            onMouseDown={(event) => {
              event.preventDefault();
              take(completion.filter);
            }}
          >
            {completion.label}
          </li>
        ))}
      </ul>
      {fault !== null && !isOpen && (
        <p class="error" role="alert">
          {fault.message}
        </p>
      )}
      {guess !== null && isOpen && <p class="hint">Enter searches for {guess}</p>}
    </div>
  );
}

/** Filters that this browser keeps. */
function Saved({ filter, onFilter }: { filter: string; onFilter: (filter: string) => void }): JSX.Element {
  const isSaved = savedFilters.value.some((saved) => saved.filter === filter);
  const save = (): void => {
    savedFilters.value = isSaved
      ? savedFilters.value.filter((saved) => saved.filter !== filter)
      : [...savedFilters.value, { name: filter, filter }];
    toast(isSaved ? 'The filter is no longer kept' : 'This browser keeps the filter');
  };
  return (
    <>
      {filter !== '' && (
        <button
          type="button"
          class={isSaved ? 'quiet square on' : 'quiet square'}
          aria-pressed={isSaved}
          aria-label="Keep this filter"
          title="Keep this filter"
          onClick={save}
        >
          <Icon name="star" />
        </button>
      )}
      {savedFilters.value.length > 0 && (
        <select aria-label="Kept filters" value="" onChange={({ currentTarget }) => onFilter(currentTarget.value)}>
          <option value="">Kept filters</option>
          {savedFilters.value.map((saved) => (
            <option key={saved.filter} value={saved.filter}>
              {saved.name}
            </option>
          ))}
        </select>
      )}
    </>
  );
}
