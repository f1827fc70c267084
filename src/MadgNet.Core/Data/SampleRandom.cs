namespace MadgNet.Core.Data;

/// <summary>
/// A generator (SplitMix64) whose numbers follow from (seed, epoch, sample) alone, so that neither the number of workers
/// nor the order in which they finish can change a batch. Written here because the runtime does not promise the same
/// sequence in every version.
/// </summary>
internal sealed class SampleRandom : Random
{
    private ulong _state;

    public SampleRandom(long seed, long epoch, long sample) =>
        _state = Mix(Mix(Mix(unchecked((ulong)seed + 0x9E3779B97F4A7C15UL)) ^ unchecked((ulong)epoch)) ^ unchecked((ulong)sample));

    public override int Next() => (int)Below(int.MaxValue);

    public override int Next(int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxValue);
        return (int)Below((ulong)maxValue);
    }

    public override int Next(int minValue, int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        return (int)(minValue + (long)Below((ulong)((long)maxValue - minValue)));
    }

    public override long NextInt64() => (long)Below(long.MaxValue);

    public override long NextInt64(long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxValue);
        return (long)Below((ulong)maxValue);
    }

    public override long NextInt64(long minValue, long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        return unchecked(minValue + (long)Below((ulong)maxValue - (ulong)minValue));
    }

    public override double NextDouble() => (NextWord() >> 11) * (1.0 / (1UL << 53));

    public override float NextSingle() => (NextWord() >> 40) * (1.0f / (1 << 24));

    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    public override void NextBytes(Span<byte> buffer)
    {
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = (byte)(NextWord() >> 56);
        }
    }

    protected override double Sample() => NextDouble();

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
            return value ^ (value >> 31);
        }
    }

    private ulong NextWord() => Mix(_state = unchecked(_state + 0x9E3779B97F4A7C15UL));

    /// <summary>A number of 0 … bound − 1 (0 for a bound of 0), the high half of a 128-bit product.</summary>
    private ulong Below(ulong bound) => Math.BigMul(NextWord(), bound, out _);
}
