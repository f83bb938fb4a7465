/**
 * Curves over a common axis as an SVG picture, readable on light and on dark paper.
 *
 * Pure. Decides the looks: curves differ by colour, dash and mark, so that colour alone carries nothing; a value that does not exist
 * (NaN) interrupts its curve.
 */

export type Look = 'bad' | 'good' | 'aside';

export interface Curve {
	readonly name: string;
	readonly look: Look;
	readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Panel {
	readonly title: string;
	readonly curves: readonly Curve[];
}

export interface Picture {
	readonly title: string;
	/** For those who do not see it. */
	readonly description: string;
	readonly xTitle: string;
	readonly panels: readonly Panel[];
}

const width = 760;
const height = 372;
const top = 112;
const bottom = 310;
const gapPx = 64;
const edgePx = 50;
const tickCount = 5;

const style = `
		.paper { fill: #ffffff } text { fill: #1f2328 } .soft { fill: #59636e; font-size: 12px } .grid { stroke: #d1d9e0 }
		.axis { stroke: #59636e } .curve { fill: none; stroke-width: 2.5; stroke-linejoin: round }
		.bad { stroke: #bc4c00 } .good { stroke: #0969da } .aside { stroke: #818b98; stroke-width: 1.5; stroke-dasharray: 5 4 }
		.mark { fill: #ffffff; stroke-width: 2 }
		@media (prefers-color-scheme: dark) {
			.paper, .mark { fill: #0d1117 } text { fill: #f0f6fc } .soft { fill: #9198a1 } .grid { stroke: #2f3742 } .axis { stroke: #9198a1 }
			.bad { stroke: #f0883e } .good { stroke: #4493f8 } .aside { stroke: #656c76 }
		}
	`;

export function drawPicture({title, description, xTitle, panels}: Picture): string {
	const panelWidth = (width - 2 * edgePx - (panels.length - 1) * gapPx) / panels.length;
	const names = new Map(panels.flatMap(({curves}) => curves.map(({name, look}) => [name, look] as const)));
	const parts = [
		`<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
		text(edgePx, 30, title, 'font-weight="600"'),
		...drawLegend(names),
		...panels.flatMap((panel, index) => drawPanel(panel, edgePx + index * (panelWidth + gapPx), panelWidth)),
		text(width / 2, height - 14, xTitle, 'class="soft" text-anchor="middle"'),
	];
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t d" font-family="system-ui, sans-serif" font-size="14">
	<title id="t">${escapeText(title)}</title>
	<desc id="d">${escapeText(description)}</desc>
	<style>${style}</style>
${parts.map(part => `\t${part}`).join('\n')}
</svg>
`;
}

/** About `tickCount` round numbers from 0 to the first one that is not below `highest`; 0 and 1 when nothing is above 0. */
export function chooseTicks(highest: number): number[] {
	if (!(highest > 0)) return [0, 1];
	const rough = highest / (tickCount - 1);
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(candidate => candidate >= rough * 0.999)!;
	const count = Math.ceil(highest / step - 1e-9);
	return Array.from({length: count + 1}, (_, index) => Number((index * step).toPrecision(6)));
}

function drawPanel({title, curves}: Panel, left: number, panelWidth: number): string[] {
	const points = curves.flatMap(curve => curve.points);
	const xTicks = chooseTicks(Math.max(0, ...points.map(([x]) => x)));
	const yTicks = chooseTicks(Math.max(0, ...points.flatMap(([, y]) => (Number.isFinite(y) ? [y] : []))));
	const toX = (x: number) => round(left + (x / xTicks.at(-1)!) * panelWidth);
	const toY = (y: number) => round(bottom - (y / yTicks.at(-1)!) * (bottom - top));
	return [
		text(left, top - 16, title, 'class="soft"'),
		...yTicks.slice(1).map(y => `<path class="grid" d="M${left} ${toY(y)} H${round(left + panelWidth)}"/>`),
		...yTicks.map(y => text(left - 8, toY(y) + 4, String(y), 'class="soft" text-anchor="end"')),
		...xTicks.map(x => text(toX(x), bottom + 20, String(x), 'class="soft" text-anchor="middle"')),
		`<path class="axis" d="M${left} ${bottom} H${round(left + panelWidth)}"/>`,
		...curves.flatMap(curve => drawCurve(curve, toX, toY)),
	];
}

function drawCurve({look, points}: Curve, toX: (x: number) => number, toY: (y: number) => number): string[] {
	let isBegun = false;
	const way = points.flatMap(([x, y]) => {
		const letter = isBegun ? 'L' : 'M';
		isBegun = Number.isFinite(y);
		return isBegun ? [`${letter}${toX(x)} ${toY(y)}`] : [];
	});
	const marked = look === 'aside' ? [] : points.filter(([, y]) => Number.isFinite(y));
	return [
		`<path class="curve ${look}" d="${way.join(' ')}"/>`,
		...marked.map(([x, y]) => drawMark(look, toX(x), toY(y))),
	];
}

function drawMark(look: Look, x: number, y: number): string {
	if (look === 'good') return `<circle class="mark good" cx="${x}" cy="${y}" r="4"/>`;
	return `<rect class="mark bad" x="${round(x - 4)}" y="${round(y - 4)}" width="8" height="8"/>`;
}

function drawLegend(names: ReadonlyMap<string, Look>): string[] {
	let x = edgePx;
	return [...names].flatMap(([name, look]) => {
		const from = x;
		// About 7 px a letter at 12 px.
		x += 56 + name.length * 6.6;
		const mark = look === 'aside' ? [] : [drawMark(look, round(from + 15), 56)];
		return [
			`<path class="curve ${look}" d="M${round(from)} 56 h30"/>`,
			...mark,
			text(round(from + 38), 60, name, 'class="soft"'),
		];
	});
}

function text(x: number, y: number, words: string, attributes: string): string {
	return `<text x="${x}" y="${y}" ${attributes}>${escapeText(words)}</text>`;
}

function escapeText(words: string): string {
	return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(px: number): number {
	return Math.round(px * 10) / 10;
}
