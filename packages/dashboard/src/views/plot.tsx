/**
 * One plot over time, drawn by uPlot; its figures of now stand beside it as text.
 *
 * Decides size, colours (those of the style sheet, drawn anew when they change) and that all plots of the page show one cursor.
 */
import {useEffect, useRef} from 'preact/hooks';
import uPlot from 'uplot';
import type {Sample} from '../messages.ts';

export interface PlotLine {
	readonly label: string;
	/** A custom property of the style sheet. */
	readonly colour: string;
	readonly of: (sample: Sample) => number | undefined;
	readonly isFilled?: boolean;
}

interface PlotProps {
	readonly title: string;
	readonly samples: readonly Sample[];
	readonly lines: readonly PlotLine[];
	readonly format: (value: number) => string;
}

const HEIGHT = 180;
/** Of the time shown: all that there is, within these. */
const SHORTEST_S = 120;
const LONGEST_S = 600;

export function Plot({title, samples, lines, format}: PlotProps) {
	const place = useRef<HTMLDivElement>(null);
	const plot = useRef<uPlot>(undefined);
	const data = useRef<uPlot.AlignedData>([[]]);
	data.current = alignData(samples, lines);
	useEffect(() => {
		const element = place.current;
		if (element === null) return undefined;
		const draw = (): void => {
			plot.current?.destroy();
			plot.current = new uPlot(describe(element, lines, format), data.current, element);
		};
		const resizing = new ResizeObserver(() => plot.current?.setSize({width: element.clientWidth, height: HEIGHT}));
		const scheme = matchMedia('(prefers-color-scheme: dark)');
		draw();
		resizing.observe(element);
		scheme.addEventListener('change', draw);
		addEventListener('hapair-theme', draw);
		return () => {
			resizing.disconnect();
			scheme.removeEventListener('change', draw);
			removeEventListener('hapair-theme', draw);
			plot.current?.destroy();
		};
	}, [lines, format]);
	useEffect(() => plot.current?.setData(data.current));
	const last = samples.at(-1);
	const figures = lines.map(({label, colour, of}) => {
		const value = last === undefined ? undefined : of(last);
		return {label, colour, text: value === undefined ? '–' : format(value)};
	});
	return (
		<figure class="card plot">
			<figcaption>
				<h3>{title}</h3>
				<ul class="figures">
					{figures.map(({label, colour, text}) => (
						<li key={label}>
							<span class={`swatch ${colour.slice(2)}`} aria-hidden="true" />
							{lines.length > 1 && `${label} `}
							<strong>{text}</strong>
						</li>
					))}
				</ul>
			</figcaption>
			<div
				ref={place}
				role="img"
				aria-label={`${title}: ${figures.map(({label, text}) => `${label} ${text}`).join(', ')}`}
			/>
		</figure>
	);
}

function alignData(samples: readonly Sample[], lines: readonly PlotLine[]): uPlot.AlignedData {
	const times = samples.map(({wallMs}) => wallMs / 1000);
	return [times, ...lines.map(({of}) => samples.map(sample => of(sample) ?? null))];
}

function describe(element: HTMLElement, lines: readonly PlotLine[], format: (value: number) => string): uPlot.Options {
	const style = getComputedStyle(document.documentElement);
	const colourOf = (name: string): string => resolveColour(element, style.getPropertyValue(name));
	const axis = {
		stroke: colourOf('--soft'),
		grid: {stroke: colourOf('--line'), width: 1},
		ticks: {show: false},
		font: '11px system-ui, sans-serif',
	};
	return {
		width: element.clientWidth,
		height: HEIGHT,
		padding: [8, 26, 0, 0],
		legend: {show: false},
		cursor: {sync: {key: 'hapair'}, drag: {x: false, y: false}},
		scales: {
			x: {time: true, range: (_, oldest, newest) => findWindow(oldest, newest)},
			y: {range: (_, __, highest) => [0, Math.max(1, (highest ?? 0) * 1.15)]},
		},
		axes: [
			{...axis, space: 70, size: 28, values: (_, ticks) => ticks.map(formatClock)},
			{...axis, size: 52, values: (_, ticks) => ticks.map(format)},
		],
		series: [
			{},
			...lines.map(({label, colour, isFilled = false}) => ({
				label,
				stroke: colourOf(colour),
				width: 1.5,
				points: {show: false},
				spanGaps: false,
				...(isFilled ? {fill: `color-mix(in srgb, ${colourOf(colour)} 18%, transparent)`} : {}),
			})),
		],
	};
}

function findWindow(oldest: number | null, newest: number | null): [number, number] {
	const end = newest ?? 0;
	const length = Math.min(LONGEST_S, Math.max(SHORTEST_S, end - (oldest ?? end)));
	return [end - length, end];
}

/** Hours and minutes, with seconds only where there are some. */
function formatClock(seconds: number): string {
	const [hours = '', minutes = '', rest = ''] = new Date(seconds * 1000).toTimeString().slice(0, 8).split(':');
	return rest === '00' ? `${hours}:${minutes}` : `${hours}:${minutes}:${rest}`;
}

/** A canvas does not know `light-dark()`: the browser says what it is now. */
function resolveColour(element: HTMLElement, value: string): string {
	const probe = document.createElement('span');
	probe.style.color = value;
	element.append(probe);
	const colour = getComputedStyle(probe).color;
	probe.remove();
	return colour;
}
