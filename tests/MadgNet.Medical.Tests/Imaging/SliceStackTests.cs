using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Imaging;

/// <summary>What is found in slices, in millimetres; NIfTI volumes as DICOM shows them.</summary>
public class SliceStackTests
{
    [Fact]
    public void Regions_of_a_slice_are_measured_in_millimetres()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File("ct"));
        SliceStack stack = SliceStack.Open(folder.File("ct"));
        var probability = new FloatImage(1, 24, 32);
        for (int y = 4; y < 10; y++)
        {
            probability.Data.Slice((y * 32) + 6, 5).Fill(1);
        }

        var pixels = new Prediction(probability);
        Region region = Assert.Single(stack.InMillimetres(pixels).Regions());

        Assert.Equal(30, Assert.Single(pixels.Regions()).Area, 1e-9);
        Assert.Equal(30 * 0.8 * 0.7, region.Area, 1e-9);
        Assert.Equal(Assert.Single(pixels.With(null, new PixelSpacing(0.8, 0.7)).Regions()).BoundingBox, region.BoundingBox);
        Assert.Equal(4.2, region.BoundingBox.X, 1e-9);
        Assert.Throws<ArgumentException>(() => stack.InMillimetres(new Prediction(new FloatImage(1, 12, 16))));
    }

    /// <summary>5×6 pixels of 0.8×0.7 mm against the same two columns further: 1.4 mm apart.</summary>
    [Fact]
    public void Surface_metrics_take_the_spacing_of_a_slice()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File("ct"));
        SliceStack stack = SliceStack.Open(folder.File("ct"));
        var found = new FloatImage(1, 24, 32);
        var truth = new FloatImage(1, 24, 32);
        for (int y = 4; y < 9; y++)
        {
            found.Data.Slice((y * 32) + 6, 6).Fill(1);
            truth.Data.Slice((y * 32) + 8, 6).Fill(1);
        }

        EvaluationReport report = new Evaluator().Evaluate([new EvaluationCase("one", found, [truth]) { Spacing = stack.Spacing }]);

        Assert.Equal(1.4, report.Summarize(Metric.HausdorffDistance).Mean, 1e-6);
    }

    [Theory]
    [InlineData("RAS")]
    [InlineData("LPS")]
    [InlineData("SRA")]
    public void Axial_slices_look_alike_whatever_order_the_files_have(string order)
    {
        using var folder = new TemporaryFolder();

        // One bright voxel at the patient's right, front and feet of a volume of 4×5×6 (right to left, front to back, feet to head).
        var shape = new int[3];
        var rows = new double[12];
        var at = new int[3];
        for (int axis = 0; axis < 3; axis++)
        {
            (int patient, int length, bool rises, int place) = order[axis] switch
            {
                'R' => (0, 4, true, 3),
                'L' => (0, 4, false, 0),
                'A' => (1, 5, true, 4),
                'P' => (1, 5, false, 0),
                _ => (2, 6, true, 0),
            };
            (shape[axis], at[axis]) = (length, place);
            rows[(patient * 4) + axis] = rises ? 2 : -2;
        }

        var values = new byte[4 * 5 * 6];
        values[(((at[2] * shape[1]) + at[1]) * shape[0]) + at[0]] = 200;
        string path = folder.File("volume.nii.gz");
        NiftiWriter.WriteBytes(path, values, shape, new Affine(rows));

        SliceStack stack = SliceStack.Open(path, new MedicalReadOptions { AxialSlices = true });

        Assert.Equal((6, 5, 4), (stack.Count, stack.Rows, stack.Columns));
        Assert.Equal(200, stack.Read(0)[0, 0, 0]);
        Assert.Equal(order, ((NiftiStack)stack).Volume.Header.Affine.AxisCodes);
    }
}
