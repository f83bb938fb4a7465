/**
 * The frame that cards of the page share: a title with a pill, and what is known below it.
 *
 * Decides nothing. What the pill and the facts say is in `cards.ts`.
 */
import type {ComponentChildren} from 'preact';
import type {Facts} from '../cards.ts';

interface WorkCardProps extends Facts {
	/** Of the title's element. */
	readonly id: string;
	readonly title: string;
	readonly children: ComponentChildren;
}

export function WorkCard({id, title, grade, headline, facts, children}: WorkCardProps) {
	return (
		<section aria-labelledby={id} class="card work">
			<h2 id={id}>
				{title} <span class={`pill ${grade}`}>{headline}</span>
			</h2>
			<FactList facts={facts} />
			{children}
		</section>
	);
}

export function FactList({facts}: Pick<Facts, 'facts'>) {
	return (
		<dl>
			{facts.map(([term, value]) => (
				<div key={term}>
					<dt>{term}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}
