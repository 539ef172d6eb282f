/** Short soft tones, made here: nothing is loaded for them. */

const SECONDS = 0.16;
const LOUDNESS = 0.12;

let audio: AudioContext | null = null;

/** One after the other. A browser that nobody has clicked in yet stays silent. */
export const playTone = (frequencies: readonly number[]): void => {
  audio ??= new AudioContext();
  const { currentTime, destination } = audio;
  // Resolves only once somebody has clicked; a tone that comes late is none.
  if (audio.state === 'suspended') void audio.resume();
  for (const [index, frequency] of frequencies.entries()) {
    const begin = currentTime + 0.02 + index * SECONDS;
    const tone = new OscillatorNode(audio, { frequency, type: 'sine' });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0, begin);
    volume.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, begin + SECONDS);
    tone.connect(volume).connect(destination);
    tone.start(begin);
    tone.stop(begin + SECONDS);
  }
};
