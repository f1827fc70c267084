using CsCheck;
using MadgNet.Core.Annotations;

namespace MadgNet.Core.Tests.Annotations;

public sealed class RunLengthMaskTests
{
    /// <summary>A mask that pycocotools encoded: the example of github.com/armengot/COCOtoolsFORK, python/README.md, 50×70.</summary>
    private const string Published =
        "0g05b08J4M2N2NA^O1`0OCO=0E090H080IO68DH;>@C>a0_O_O`0j0OWOF<:CM72I24NL43JM92FN;1ENKO72L0LO91J0MO92INO0NO122OO0M031O000NO31OO11MO40"
            + "N011MO41MO21L06OL021L06OL021L06OL021L060J040L060J040L060J040L060J040L060J040L060J040L060KO31L060KO31L06OL021L06OL021L06OL0"
            + "21MO41MO21MO40N100NO310O00M0310O00NO1220NO92IONO91KOMO72M0<1EO:2GN63KM34OLM73JF<;=1G_O_Ob0=AC`07EH=1IO71H090F0:1DO>1_O1b0>"
            + "2N2N3L6H]O";

    [Fact]
    public void The_examples_of_the_formats_documentation_have_its_counts()
    {
        // pycocotools/mask.py: "given M=[0 0 1 1 1 0 1] the RLE counts would be [2 3 1 1], or for M=[1 1 1 1 1 1 0] the counts would
        // be [0 6 1]"
        Assert.Equal([2, 3, 1, 1], RunLengthMask.Encode([false, false, true, true, true, false, true], 7, 1).Counts);
        Assert.Equal([0, 6, 1], RunLengthMask.Encode([true, true, true, true, true, true, false], 7, 1).Counts);
    }

    [Fact]
    public void A_mask_that_pycocotools_encoded_is_read_and_written_alike()
    {
        var mask = RunLengthMask.FromCompressed(50, 70, Published);
        Assert.Equal(Published, mask.ToCompressed());
        Assert.Equal(mask.Area, mask.Decode().LongCount(inside => inside));
        Assert.Equal(mask.Counts, RunLengthMask.Encode(mask.Decode(), 50, 70).Counts);
    }

    [Fact]
    public void The_compressed_text_is_that_of_its_rules_worked_by_hand()
    {
        // 5 bits a character, the lowest first, plus 32 where more follow, plus 48; from the fourth run on the difference to the
        // one before the last: 3 → "3", 20 = 0b10100 needs a sign bit → 20+32 = "d", then 0 → "0", 2 → "2", 30 − 20 = 10 → ":".
        Assert.Equal("3d02:", new RunLengthMask(55, 1, [3, 20, 2, 30]).ToCompressed());

        // A difference below zero: 5 − 20 = −15 = …10001 → 17 + 48 = "A".
        Assert.Equal("3d02A", new RunLengthMask(30, 1, [3, 20, 2, 5]).ToCompressed());
        Assert.Equal([3, 20, 2, 5], RunLengthMask.FromCompressed(30, 1, "3d02A").Counts);
    }

    [Fact]
    public void Columns_come_before_rows()
    {
        // Two rows of three columns, the first column inside.
        Assert.Equal([0, 2, 4], RunLengthMask.Encode([true, false, false, true, false, false], 2, 3).Counts);
    }

    [Fact]
    public void Every_mask_comes_back_from_runs_and_from_text() =>
        RandomMask.Gen.Sample(mask =>
        {
            var runs = RunLengthMask.Encode(mask.Inside, mask.Height, mask.Width);
            Assert.Equal(mask.Inside, runs.Decode());
            Assert.Equal(mask.Inside, RunLengthMask.FromCompressed(mask.Height, mask.Width, runs.ToCompressed()).Decode());
            Assert.Equal(mask.Inside.LongCount(inside => inside), runs.Area);
        }, iter: 300);

    [Theory]
    [InlineData("")]
    [InlineData("3d0")]
    [InlineData("\u0001")]
    [InlineData("oooooooooooooooo")]
    [InlineData("p")]
    public void Broken_texts_are_refused(string text) =>
        Assert.True(Record.Exception(() => RunLengthMask.FromCompressed(30, 1, text)) is FormatException or ArgumentException);

    [Fact]
    public void Runs_that_do_not_fill_the_size_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new RunLengthMask(2, 2, [3]));
        Assert.Throws<ArgumentException>(() => new RunLengthMask(2, 2, [5, -1]));
        Assert.Throws<ArgumentException>(() => new RunLengthMask(2, 2, [long.MaxValue, long.MaxValue, 6]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RunLengthMask(100_000, 100_000, [1]));
    }
}
