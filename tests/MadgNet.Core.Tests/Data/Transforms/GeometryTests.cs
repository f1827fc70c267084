using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data.Transforms;

/// <summary>Single transforms against values worked out by hand or by another definition.</summary>
public sealed class GeometryTests
{
    private static readonly Random Any = new SampleRandom(0, 0, 0);

    [Fact]
    public void Horizontal_flip_mirrors_rows() => Assert.Equal(
        [2f, 1f, 4f, 3f], new HorizontalFlip { Probability = 1 }.Apply(Square(), Any).Image.Data.ToArray());

    [Fact]
    public void Vertical_flip_mirrors_columns() => Assert.Equal(
        [3f, 4f, 1f, 2f], new VerticalFlip { Probability = 1 }.Apply(Square(), Any).Image.Data.ToArray());

    [Theory]
    [InlineData(1, new float[] { 3, 6, 2, 5, 1, 4 }, 3, 2)]
    [InlineData(2, new float[] { 6, 5, 4, 3, 2, 1 }, 2, 3)]
    [InlineData(3, new float[] { 4, 1, 5, 2, 6, 3 }, 3, 2)]
    public void Right_angles_turn_counter_clockwise(int quarters, float[] expected, int height, int width)
    {
        // Oracle: numpy.rot90([[1, 2, 3], [4, 5, 6]], k).
        var sample = new Sample("case", new FloatImage(1, 2, 3, [1, 2, 3, 4, 5, 6]), []);
        FloatImage turned = RandomRightAngle.Turn(sample, quarters).Image;
        Assert.Equal((height, width), (turned.Height, turned.Width));
        Assert.Equal(expected, turned.Data.ToArray());
    }

    [Theory]
    [InlineData(90, 1)]
    [InlineData(180, 2)]
    [InlineData(-90, 3)]
    public void Free_rotation_by_a_right_angle_is_the_exact_one(double degrees, int quarters)
    {
        Sample sample = new("case", Samples.Ramp(1, 8, 8), [Samples.Rectangle(8, 8, 1, 2, 3, 4)]);
        Sample free = Warp.Apply(sample, 8, 8, new AffineMap((8, 8), (8, 8), degrees));
        Sample exact = RandomRightAngle.Turn(sample, quarters);
        Assert.Equal(exact.Masks[0].Data.ToArray(), free.Masks[0].Data.ToArray());
        for (int i = 0; i < 64; i++)
        {
            Assert.Equal(exact.Image.Data[i], free.Image.Data[i], 5);
        }
    }

    [Fact]
    public void Rotation_leaves_its_bounds_only_for_the_corners()
    {
        var sample = new Sample("case", new FloatImage(1, 64, 64, [.. Enumerable.Repeat(1f, 64 * 64)]), []);
        FloatImage turned = new RandomRotation(5).Apply(sample, new SampleRandom(3, 0, 0)).Image;
        // A turn by at most 5° takes at most tan 5° · 32 / 2 of the side at each corner.
        Assert.InRange(turned.Data.ToArray().Count(value => value == 0), 1, 4 * 64 * 3);
        Assert.Equal(1, turned[0, 32, 32]);
    }

    [Fact]
    public void Scaling_by_two_enlarges_the_foreground_fourfold()
    {
        var sample = new Sample("case", Samples.Ramp(1, 40, 40), [Samples.Rectangle(40, 40, 16, 16, 8, 8)]);
        Sample scaled = Warp.Apply(sample, 40, 40, new AffineMap((40, 40), (40, 40), 0, scale: 2));
        Assert.Equal(4 * 64, scaled.Masks[0].Data.ToArray().Sum());
    }

    [Fact]
    public void Shift_moves_by_whole_pixels()
    {
        var sample = new Sample("case", Samples.Ramp(1, 10, 10), [Samples.Rectangle(10, 10, 2, 2, 3, 3)]);
        Sample shifted = Warp.Apply(sample, 10, 10, new AffineMap((10, 10), (10, 10), 0, shiftX: 3, shiftY: 1));
        Assert.Equal(Samples.Rectangle(10, 10, 3, 5, 3, 3).Data.ToArray(), shifted.Masks[0].Data.ToArray());
    }

    [Fact]
    public void Elastic_deformation_without_magnitude_changes_nothing()
    {
        Sample sample = Samples.Create();
        Sample same = new ElasticDeformation(0).Apply(sample, Any);
        Assert.Equal(sample.Image.Data.ToArray(), same.Image.Data.ToArray());
    }

    [Fact]
    public void Crop_of_a_larger_image_is_a_piece_of_it()
    {
        Sample sample = Samples.Create("case", 1, 12, 16);
        FloatImage piece = new RandomCrop(5, 7).Apply(sample, new SampleRandom(9, 0, 0)).Image;
        int place = Array.IndexOf(sample.Image.Data.ToArray(), piece[0, 0, 0]);
        (int top, int left) = (place / 16, place % 16);
        for (int y = 0; y < 5; y++)
        {
            Assert.Equal(sample.Image.Row(0, top + y).Slice(left, 7).ToArray(), piece.Row(0, y).ToArray());
        }
    }

    [Fact]
    public void Smaller_image_is_put_in_the_middle_of_the_crop()
    {
        Sample crop = new RandomCrop(4, 6).Apply(Square(), Any);
        Assert.Equal(
            [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0],
            crop.Image.Data.ToArray());
    }

    [Fact]
    public void Letterbox_keeps_the_shape()
    {
        var sample = new Sample("case", new FloatImage(1, 10, 20, [.. Enumerable.Repeat(1f, 200)]), []);
        FloatImage boxed = new Letterbox(32, 32).Apply(sample, Any).Image;
        Assert.Equal((32, 32), (boxed.Height, boxed.Width));
        Assert.Equal(0, boxed[0, 7, 16]);
        Assert.Equal(1, boxed[0, 8, 16], 5);
        Assert.Equal(1, boxed[0, 23, 16], 5);
        Assert.Equal(0, boxed[0, 24, 16]);
    }

    [Fact]
    public void Soft_mask_is_binarised_after_resizing()
    {
        // Two pixels of 0.4 and 0.8 average to 0.6: foreground, though one of them alone was none.
        var mask = new FloatImage(1, 1, 2, [0.4f, 0.8f]);
        Sample resized = new Resize(1, 1).Apply(new Sample("case", new FloatImage(1, 1, 2), [mask]), Any);
        Assert.Equal(1, resized.BinaryMask(0).Data[0]);
    }

    private static Sample Square() => new("case", new FloatImage(1, 2, 2, [1, 2, 3, 4]), []);
}
