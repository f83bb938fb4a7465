/** The difference of files, and what a check of them has found. */
import type {Diagnostic, Difference, FileDifference} from '../messages.ts';

export function Diff({difference: {own, peer, files, remarks}}: {difference: Difference}) {
	return (
		<>
			{files.map(file => (
				<FileDiff key={file.path} file={file} own={own} peer={peer} />
			))}
			{remarks.map(remark => (
				<p key={remark} class="remark">
					{remark}
				</p>
			))}
		</>
	);
}

function FileDiff({file, own, peer}: {file: FileDifference; own: string; peer: string}) {
	const {path, peerPath = path, kind, lines, remark} = file;
	return (
		<figure class="diff">
			<figcaption>
				{kind === 'differs' ? (
					<>
						<span class="gone">
							− {own}: {path}
						</span>
						<span class="added">
							+ {peer}: {peerPath}
						</span>
					</>
				) : (
					`${path}: only ${kind === 'only here' ? own : peer} has it`
				)}
			</figcaption>
			{lines.length > 0 && (
				// Browsers let the keyboard into what scrolls.
				<section class="lines" aria-label={`Lines of ${path}`}>
					<pre>
						{lines.map((line, index) => (
							<span key={index} class={markOf(line)}>{`${line}\n`}</span>
						))}
					</pre>
				</section>
			)}
			{remark !== undefined && <p class="soft">{remark}</p>}
		</figure>
	);
}

function markOf(line: string): string {
	if (line.startsWith('+')) return 'added';
	if (line.startsWith('-')) return 'gone';
	return line.startsWith('@@') ? 'place' : '';
}

const PAINT = {error: 'bad', warning: 'warn', notice: ''} as const;

export function Findings({diagnostics}: {diagnostics: readonly Diagnostic[]}) {
	return (
		<ul class="findings">
			{diagnostics.map(({severity, file, line, message, hint}) => (
				<li key={`${file}:${line} ${message}`}>
					<span class={`pill ${PAINT[severity]}`}>{severity}</span> {file}:{line}: {message}
					{hint !== undefined && <span class="soft"> {hint}</span>}
				</li>
			))}
		</ul>
	);
}
