/** A course as a small line: beside figures that say the same in numbers. */

const [WIDTH, HEIGHT] = [120, 24];

export function Spark({ values }: { readonly values: readonly number[] }) {
  const most = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const line = values.map((value, place) => `${place ? "L" : "M"}${place * step} ${HEIGHT - (value / most) * (HEIGHT - 2) - 1}`);
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={line.join("")} />
    </svg>
  );
}
