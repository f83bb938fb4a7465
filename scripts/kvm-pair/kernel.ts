/**
 * The uncompressed kernel inside of a Debian kernel image: a processor in software would spend half a minute on unpacking it.
 *
 * Decides by the header of the image where the payload lies (Linux: Documentation/arch/x86/boot.rst, fields `setup_sects`, `payload_offset`,
 * `payload_length`; protocol 2.08 and later), and by the first bytes how it is packed. Leaves the booting to `guest.ts`.
 */
import {spawnSync} from 'node:child_process';
import {gunzipSync, zstdDecompressSync} from 'node:zlib';

const sectorBytes = 512;
const mostBytes = 256 * 1024 * 1024;
const elfMagic = '7f454c46';

/** The ELF file (`vmlinux`) of a `vmlinuz`; throws a sentence when it is none, or is packed otherwise than by gzip, xz or zstd. */
export function extractKernel(image: Buffer): Buffer {
	if (image.length < 0x260 || image.toString('latin1', 0x202, 0x206) !== 'HdrS' || image.readUInt16LE(0x206) < 0x208)
		throw new Error('this is no kernel image of x86');
	const setupSectors = image.readUInt8(0x1f1) || 4;
	const begin = (setupSectors + 1) * sectorBytes + image.readUInt32LE(0x248);
	const payload = image.subarray(begin, begin + image.readUInt32LE(0x24c));
	const kernel = unpack(payload);
	if (kernel.toString('hex', 0, 4) !== elfMagic) throw new Error('what the kernel image holds is no ELF file');
	return kernel;
}

function unpack(payload: Buffer): Buffer {
	const magic = payload.toString('hex', 0, 6);
	// The four bytes at the end, which tell the size, belong to none of the formats.
	const packed = payload.subarray(0, -4);
	if (magic.startsWith('1f8b')) return gunzipSync(packed, {maxOutputLength: mostBytes});
	if (magic.startsWith('28b52ffd')) return zstdDecompressSync(packed, {maxOutputLength: mostBytes});
	if (magic === 'fd377a585a00') return unpackXz(packed);
	if (magic.startsWith(elfMagic)) return payload;
	throw new Error(`the kernel is packed in a way that begins with ${magic}`);
}

function unpackXz(packed: Buffer): Buffer {
	const {stdout, stderr, status, error} = spawnSync('xz', ['--decompress', '--stdout', '--single-stream'], {
		input: packed,
		maxBuffer: mostBytes,
		timeout: 60_000,
	});
	if (status !== 0) throw new Error(`xz could not unpack the kernel: ${error?.message ?? String(stderr).trim()}`);
	return stdout;
}
