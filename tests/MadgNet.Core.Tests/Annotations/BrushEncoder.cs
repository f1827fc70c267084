namespace MadgNet.Core.Tests.Annotations;

/// <summary>
/// Writes Label Studio's run lengths by the rules that its converter documents, with runs of both kinds, to test the reader with.
/// </summary>
internal static class BrushEncoder
{
    public static byte[] Encode(bool[] mask)
    {
        byte[] values = [.. mask.SelectMany(inside => new byte[] { 0, 0, 0, inside ? (byte)255 : (byte)0 })];
        var bits = new List<bool>();
        Write(bits, values.Length, 32);
        Write(bits, 8 - 1, 5);
        foreach (int length in new[] { 3, 4, 8, 16 })
        {
            Write(bits, length - 1, 4);
        }

        int at = 0;
        while (at < values.Length)
        {
            int same = 1;
            while (at + same < values.Length && same < 65536 && values[at + same] == values[at])
            {
                same++;
            }

            bool run = same > 2;
            int count = run ? same : Math.Min(2, values.Length - at);
            bits.Add(run);
            Write(bits, run ? 3 : 0, 2);
            Write(bits, count - 1, run ? 16 : 3);
            for (int i = 0; i < (run ? 1 : count); i++)
            {
                Write(bits, values[at + i], 8);
            }

            at += count;
        }

        var bytes = new byte[(bits.Count + 7) / 8];
        for (int i = 0; i < bits.Count; i++)
        {
            bytes[i / 8] |= (byte)(bits[i] ? 1 << (7 - (i % 8)) : 0);
        }

        return bytes;
    }

    private static void Write(List<bool> bits, int value, int count)
    {
        for (int i = count - 1; i >= 0; i--)
        {
            bits.Add((value >> i & 1) != 0);
        }
    }
}
