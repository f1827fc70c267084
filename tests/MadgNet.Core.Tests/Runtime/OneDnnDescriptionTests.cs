using System.Runtime.InteropServices;
using MadgNet.Core.Runtime;

namespace MadgNet.Core.Tests.Runtime;

public class OneDnnDescriptionTests
{
    private const int Size = 144;

    private static readonly ProcessorCaches Silent = new("AuthenticAMD", [1, 1, 1], false, true, 0, 0);

    [Fact]
    public void The_known_wrong_description_gets_the_sizes_that_the_older_leaves_tell()
    {
        byte[] description = Wrong();

        Assert.True(OneDnnDescription.WriteSizes(description, Silent with { Level1 = 48 << 10, Level2 = 1 << 20 }));

        Assert.Equal([48 << 10, 1 << 20, 2 << 20], Integers(description).AsSpan(7, 3).ToArray());
        Assert.Equal([1, 1, 1], Integers(description).AsSpan(17, 3).ToArray());
    }

    [Theory]
    [InlineData(0L, 0L)]
    [InlineData(1L, 4L << 30)]
    public void Sizes_that_nobody_can_believe_are_replaced_by_those_of_the_smallest_zen(long level1, long level2)
    {
        byte[] description = Wrong();

        Assert.True(OneDnnDescription.WriteSizes(description, Silent with { Level1 = level1, Level2 = level2 }));

        Assert.Equal([32 << 10, 512 << 10, 2 << 20], Integers(description).AsSpan(7, 3).ToArray());
    }

    [Theory]
    [InlineData(7, 32768)]
    [InlineData(8, 0)]
    [InlineData(10, 1)]
    [InlineData(16, 1)]
    [InlineData(17, 2)]
    [InlineData(19, 0)]
    [InlineData(20, 1)]
    [InlineData(26, 7)]
    [InlineData(27, 2)]
    [InlineData(27, 4)]
    public void Where_one_value_differs_nothing_is_written(int index, int value)
    {
        byte[] description = Wrong();
        MemoryMarshal.Cast<byte, int>(description.AsSpan())[index] = value;
        byte[] before = [.. description];

        Assert.False(OneDnnDescription.WriteSizes(description, Silent));

        Assert.Equal(before, description);
    }

    [Fact]
    public void A_description_that_was_repaired_is_not_written_to_again()
    {
        byte[] description = Wrong();

        Assert.True(OneDnnDescription.WriteSizes(description, Silent));
        Assert.False(OneDnnDescription.WriteSizes(description, Silent));
    }

    /// <summary>
    /// As it was seen on a machine without cache information: type, cores, sizes, sharing, levels and family as 32-bit integers.
    /// </summary>
    private static byte[] Wrong()
    {
        var integers = new int[Size / sizeof(int)];
        integers[0] = 0x5EF0F7FF;
        integers[1] = unchecked((int)0xC7FD8F3E);
        integers[2] = 0x300200E;
        integers.AsSpan(4, 6).Fill(1);
        integers.AsSpan(17, 3).Fill(1);
        integers[27] = 3;
        integers[29] = 2;
        return MemoryMarshal.AsBytes<int>(integers).ToArray();
    }

    private static int[] Integers(byte[] description) => MemoryMarshal.Cast<byte, int>(description.AsSpan()).ToArray();
}
