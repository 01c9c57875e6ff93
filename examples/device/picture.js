// Phones write HEIC, which Moat does not take: decoding it would put a video decoder in front of everybody's keys. A phone has one, and
// makes a JPEG of what its camera wrote before it is sent. That the JPEG is drawn anew leaves out where, when and by which phone the
// picture was made; Moat takes out what is left of it all the same.

const BRANDS = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "heif", "avif"];
const LONGEST_SIDE = 2048;
const QUALITY = 0.85;

/** Whether octets begin as a file of HEIF or AVIF does: the box `ftyp`, and a brand of theirs. */
export function isHeif(octets) {
  const text = (from, to) => String.fromCharCode(...octets.subarray(from, to));
  return octets.length >= 12 && text(4, 8) === "ftyp" && BRANDS.includes(text(8, 12));
}

/**
 * A JPEG of a picture that this phone can show, at most 2,048 points long, as a Blob for POST …/pictures. In a browser or web view;
 * an app of its own asks its camera for JPEG, or its system's decoder. `createImageBitmap` throws where the phone has none.
 */
export async function asJpeg(file) {
  const octets = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  if (!isHeif(octets)) return file;
  const shown = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(shown.width, shown.height));
  const canvas = new OffscreenCanvas(Math.round(shown.width * scale), Math.round(shown.height * scale));
  canvas.getContext("2d").drawImage(shown, 0, 0, canvas.width, canvas.height);
  shown.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}
