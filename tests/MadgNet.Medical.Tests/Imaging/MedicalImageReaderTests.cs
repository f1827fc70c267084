using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Imaging;

public class MedicalImageReaderTests
{
    private static readonly ImageReader Reader = new(null, new MedicalImageReader());

    [Theory]
    [InlineData("CT_small.dcm")]
    [InlineData("MR_small_bigendian.dcm")]
    public void Samples_mean_the_values_of_the_file(string name)
    {
        double[] values = DicomImage.Read(MedicalFixtures.PathOf(name)).Values();

        PixelImage image = Reader.Read(MedicalFixtures.PathOf(name));

        Assert.Equal(values, image.Words.ToArray().Select(sample => (sample * image.Scale) + image.Offset));
    }

    /// <summary>A network's window in Hounsfield units is the exact window of DICOM.</summary>
    [Fact]
    public void A_networks_window_is_dicoms_window()
    {
        string path = MedicalFixtures.PathOf("CT_small.dcm");
        var input = new ModelInput { Channels = 1, Windows = [new InputWindow(40, 400)] };

        float[] ours = input.Prepare(Reader.Read(path)).Data.ToArray();

        float[] expected = DicomImage.Read(path).Windowed(window: DicomWindow.Create(40, 400)).Data.ToArray();
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], ours[i], 1e-6);
        }
    }

    [Fact]
    public void An_inverted_image_is_turned_round_so_that_bright_is_bright()
    {
        string path = MedicalFixtures.PathOf("dx_image.dcm");
        DicomImage stored = DicomImage.Read(path);

        PixelImage image = Reader.Read(path);

        Assert.Equal("MONOCHROME1", stored.Format.Photometric);
        Assert.Equal(stored.Stored().Select(value => (byte)(255 - value)), image.Bytes.ToArray());
    }

    [Fact]
    public void A_stream_is_known_by_its_content()
    {
        using FileStream dicom = File.OpenRead(MedicalFixtures.PathOf("MR_small.dcm"));
        using var nameless = new MemoryStream(File.ReadAllBytes(MedicalFixtures.PathOf("MR_small_RLE.dcm")));

        Assert.Equal(64, Reader.ReadStream(dicom).Width);
        Assert.Equal(64, Reader.ReadStream(nameless).Width);
    }

    [Theory]
    [InlineData("23x38x3_multiframe_mf.dcm")]
    [InlineData("23x38x3_seg_label.seg")]
    [InlineData("anatomical.nii")]
    public void A_volume_is_no_picture_and_a_page_of_it_only_where_that_is_asked_for(string name)
    {
        ImageReadException refusal = Assert.Throws<ImageReadException>(() => Reader.Read(MedicalFixtures.PathOf(name)));
        var pages = new ImageReader(null, new MedicalImageReader { ReadsPages = true });

        Assert.Contains("slices", refusal.Problem.Received, StringComparison.Ordinal);
        Assert.NotEqual(
            0, pages.Read(MedicalFixtures.PathOf(name), new ImageReadOptions { Page = 1 }).Width);
        Assert.Throws<ImageReadException>(() => pages.Read(MedicalFixtures.PathOf(name), new ImageReadOptions { Page = 999 }));
    }

    [Fact]
    public void Damaged_and_foreign_files_are_refused_as_images()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.dcm", "no image at all"u8);

        ImageReadException refusal = Assert.Throws<ImageReadException>(() => Reader.Read(path));

        Assert.IsType<MedicalFileException>(refusal.InnerException);
        Assert.Throws<ImageReadException>(() => Reader.Read(MedicalFixtures.PathOf("MR_truncated.dcm")));
        Assert.Throws<ImageReadException>(() => Reader.Read(folder.File("missing.dcm")));
    }

    [Fact]
    public void More_pixels_than_allowed_are_refused()
    {
        Assert.Throws<ImageReadException>(
            () => Reader.Read(MedicalFixtures.PathOf("CT_small.dcm"), new ImageReadOptions { MaximumPixels = 1000 }));
    }

    [Fact]
    public void Padding_is_left_out_of_darkest_and_brightest()
    {
        using var folder = new TemporaryFolder();
        DicomDataset slice = CtPhantom.Slice(2, 5, 24, 32, 1);
        byte[] pixels = slice.Elements.Single(element => element.Tag == Tags.PixelData).Value.ToArray();
        for (int i = 0; i < 20; i++)
        {
            BitConverter.TryWriteBytes(pixels.AsSpan(i * 2), (short)7);
        }

        slice.SetBytes(Tags.PixelData, DicomVr.OW, pixels).SetNumbers(Tags.PixelPadding, DicomVr.US, 7);
        DicomWriter.Write(slice, folder.File("a.dcm"));

        PixelImage image = Reader.Read(folder.File("a.dcm"));
        (double low, double high) = IntensityWindow.MinMax.Bounds(image);

        Assert.Equal((0, 300), (low, high));
        DicomWindow window = DicomImage.Read(folder.File("a.dcm")).Percentiles(0, 100)!;
        Assert.Equal((150, 300), (window.Center, window.Width));
    }

    [Fact]
    public void Fractions_of_a_slope_are_kept_to_a_65535th_of_their_range()
    {
        using var folder = new TemporaryFolder();
        DicomDataset slice = CtPhantom.Slice(2, 5, 24, 32, 1).SetNumbers(Tags.RescaleSlope, DicomVr.DS, 0.00125);
        DicomWriter.Write(slice.SetNumbers(Tags.RescaleIntercept, DicomVr.DS, 0.5), folder.File("a.dcm"));
        double[] values = DicomImage.Read(folder.File("a.dcm")).Values();

        PixelImage image = Reader.Read(folder.File("a.dcm"));

        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(values[i], (image.Words[i] * image.Scale) + image.Offset, (values.Max() - values.Min() + 2) / 65535);
        }
    }

    [Fact]
    public void A_segmentation_of_one_slice_is_a_label_image()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File("ct"), slices: 1, rows: 4, columns: 4);
        var writer = new SegWriter(
            DicomSeries.Load(folder.File("ct")), [new SegSegment { Label = "One" }, new SegSegment { Label = "Two" }]);
        writer.Add(0, 1, [1, 1, 0, 0, .. new byte[12]]);
        writer.Add(0, 2, [0, 0, 0, 1, .. new byte[12]]);
        writer.Save(folder.File("mask.dcm"));

        Assert.Equal([1, 1, 0, 2, .. new byte[12]], Reader.Read(folder.File("mask.dcm")).Bytes.ToArray());
    }

    [Fact]
    public void Pictures_of_an_axial_slicing_lie_as_dicom_shows_them_whatever_order_the_file_has()
    {
        using var folder = new TemporaryFolder();

        // One bright voxel at the patient's left, front, feet: 30, 40, −5 in DICOM's space is −30, −40, −5 in NIfTI's.
        var ras = new Affine(1, 0, 0, -40, 0, 1, 0, -50, 0, 0, 1, -10);
        var values = new byte[4 * 5 * 6];
        values[(1 * 4) + 3] = 200;
        NiftiWriter.WriteBytes(folder.File("ras.nii.gz"), values, [4, 5, 6], ras);
        NiftiVolume volume = NiftiVolume.Read(folder.File("ras.nii.gz"));

        var stored = new NiftiStack(volume);
        var axial = new NiftiStack(volume, NiftiSlicing.Axial(volume.Header.Affine));

        // The file's first axis runs to the right: its last voxel is the patient's rightmost, which DICOM shows at the left.
        Assert.Equal(200, stored.Read(0)[3, 1, 0]);
        Assert.Equal(200, axial.Read(0)[0, 3, 0]);
        Assert.Equal((5, 4, 6), (axial.Rows, axial.Columns, axial.Count));
        Assert.Equal("RAS", volume.Header.Affine.AxisCodes);
    }

    [Theory]
    [InlineData("functional.nii")]
    [InlineData("example_nifti2.nii.gz")]
    [InlineData("resampled_anat_moved.nii")]
    public void Slices_of_a_volume_hold_its_values(string name)
    {
        NiftiVolume volume = NiftiVolume.Read(MedicalFixtures.PathOf(name));
        var stack = new NiftiStack(volume);
        Assert.Equal(volume.Header.Count, (long)stack.Count * stack.Rows * stack.Columns);
        PixelImage slice = stack.Read(stack.Count / 2);
        for (int i = 0; i < stack.Rows * stack.Columns; i++)
        {
            double value = volume[stack.IndexOf(stack.Count / 2, i / stack.Columns, i % stack.Columns)];
            if (double.IsNaN(value))
            {
                Assert.Equal(slice.Padding, slice.Words[i]);
            }
            else
            {
                Assert.Equal(value, (slice.Words[i] * slice.Scale) + slice.Offset, slice.Scale == 1 ? 1e-9 : slice.Scale);
            }
        }
    }

    [Theory]
    [InlineData(0, 1, false, false)]
    [InlineData(2, 0, true, false)]
    [InlineData(1, 2, true, true)]
    public void Masks_go_back_to_the_files_own_grid(int column, int row, bool flipColumns, bool flipRows)
    {
        using var folder = new TemporaryFolder();
        NiftiVolume volume = NiftiVolume.Read(MedicalFixtures.PathOf("anatomical.nii"));
        var stack = new NiftiStack(
            volume, new NiftiSlicing { ColumnAxis = column, RowAxis = row, FlipColumns = flipColumns, FlipRows = flipRows });
        var masks = new VolumeMasks(stack);
        for (int i = 0; i < stack.Count; i++)
        {
            PixelImage slice = stack.Read(i);
            masks.Set(i, [.. slice.Words.ToArray().Select(sample => sample + slice.Offset > 8000 ? 1f : 0f)]);
        }

        masks.SaveMask(folder.File("mask.nii.gz"));
        NiftiVolume read = NiftiVolume.Read(folder.File("mask.nii.gz"));

        Assert.Equal(volume.Header.Affine, read.Header.Affine);
        Assert.Equal(volume.Values().Select(value => value > 8000 ? 1.0 : 0.0), read.Values());
    }
}
