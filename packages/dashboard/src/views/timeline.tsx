/** What happened to the pair, the newest first, each with why and what was seen before. */
import {formatMs, formatTime} from '../format.ts';
import type {PairRecord} from '../messages.ts';

export function Timeline({records}: {records: readonly PairRecord[]}) {
	const nowMs = Date.now();
	return (
		<section aria-labelledby="timeline-title">
			<h2 id="timeline-title">What happened, and why</h2>
			{records.length === 0 ? (
				<p class="soft">Nothing yet.</p>
			) : (
				<ol class="timeline">
					{records.map(record => (
						<Entry key={record.id} record={record} nowMs={nowMs} />
					))}
				</ol>
			)}
		</section>
	);
}

function Entry({record, nowMs}: {record: PairRecord; nowMs: number}) {
	const {time, kind, from, to, event, cause, reason, takeoverMs, term, findings = [], result} = record;
	const {evidence = findings} = record;
	return (
		<li class={kind === 'transition' ? (to ?? '') : 'event'}>
			<time dateTime={time}>{formatTime(time, nowMs)}</time>
			<div>
				<p>
					{kind === 'transition' ? (
						<>
							<span class={`pill ${from}`}>{from}</span> → <span class={`pill ${to}`}>{to}</span>
						</>
					) : (
						<span class="pill">{kind === 'drill' ? `drill ${result}` : (event ?? kind)}</span>
					)}{' '}
					{cause !== undefined && cause !== 'unknown' && <strong>{cause}</strong>}
					<span class="soft">
						{' '}
						term {term}
						{takeoverMs === undefined ? '' : `, the takeover took ${formatMs(takeoverMs)}`}
					</span>
				</p>
				<p>{reason}</p>
				{evidence.length > 0 && (
					<details>
						<summary>{kind === 'analysis' ? 'What both nodes recorded' : 'What was seen before'}</summary>
						<ul>
							{evidence.map(fact => (
								<li key={fact}>{fact}</li>
							))}
						</ul>
					</details>
				)}
			</div>
		</li>
	);
}
