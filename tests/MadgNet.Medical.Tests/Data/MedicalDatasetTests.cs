using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Medical.Data;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Data;

public class MedicalDatasetTests
{
    internal static readonly FolderDatasetOptions Window = new FolderDatasetOptions().For(
        new ModelInput { Channels = 1, Windows = [new InputWindow(150, 300)] });

    [Fact]
    public void A_series_finds_the_segmentation_that_refers_to_it()
    {
        using var folder = new TemporaryFolder();
        byte[][] truth = Truth(folder, out DicomSeries series);
        Directory.CreateDirectory(folder.File("masks"));
        Segment(series, truth).Save(folder.File("masks/any name.dcm"));

        MedicalDataset dataset = MedicalDataset.FromFolders(folder.File("images"), folder.File("masks"), Window);

        Assert.Equal(5, dataset.Count);
        Assert.Equal("case1/002", dataset.NameOf(2));
        Assert.Equal(new PixelSpacing(row: 0.8, column: 0.7), dataset.SpacingOf(2));
        for (int i = 0; i < 5; i++)
        {
            Sample sample = dataset.Load(i);
            Assert.Equal(truth[i].Select(value => (float)value), sample.Masks[0].Data.ToArray());

            // Water is 0, the ball 300: the window makes them 0 and 1, so that image and truth are one.
            Assert.Equal(sample.Masks[0].Data.ToArray(), sample.Image.Data.ToArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_series_finds_the_nifti_mask_of_its_name_whatever_way_round_that_lies(bool turned)
    {
        using var folder = new TemporaryFolder();
        byte[][] truth = Truth(folder, out DicomSeries series);
        Directory.CreateDirectory(folder.File("masks"));
        string path = folder.File("masks/case1_seg.nii.gz");
        var masks = new VolumeMasks(new DicomStack(series));
        for (int i = 0; i < 5; i++)
        {
            masks.Set(i, [.. truth[i].Select(value => (float)value)]);
        }

        masks.SaveMask(path);
        if (turned)
        {
            TurnedNifti.Turn(path);
        }

        MedicalDataset dataset = MedicalDataset.FromFolders(folder.File("images"), folder.File("masks"), Window);

        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(truth[i].Select(value => (float)value), dataset.Load(i).Masks[0].Data.ToArray());
        }
    }

    [Fact]
    public void A_nifti_mask_on_another_grid_is_refused()
    {
        using var folder = new TemporaryFolder();
        Truth(folder, out _);
        Directory.CreateDirectory(folder.File("masks"));
        NiftiWriter.WriteBytes(
            folder.File("masks/case1.nii"), new byte[32 * 24 * 5], [32, 24, 5], new Affine(1, 0, 0, 0.5, 0, 1, 0, 0.5, 0, 0, 1, 0.5));

        MedicalDataset dataset = MedicalDataset.FromFolders(folder.File("images"), folder.File("masks"), Window);

        Assert.Contains("another grid", Assert.Throws<DatasetException>(() => dataset.Load(0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nifti_volumes_and_label_images_are_samples_slice_by_slice()
    {
        using var folder = new TemporaryFolder();
        NiftiVolume volume = NiftiVolume.Read(MedicalFixtures.PathOf("anatomical.nii"));
        Directory.CreateDirectory(folder.File("images"));
        Directory.CreateDirectory(folder.File("masks"));
        File.Copy(MedicalFixtures.PathOf("anatomical.nii"), folder.File("images/brain.nii"));
        byte[] labels = [.. volume.Values().Select(value => value > 12000 ? (byte)2 : value > 8000 ? (byte)1 : (byte)0)];
        NiftiWriter.WriteBytes(folder.File("masks/brain.nii.gz"), labels, volume.Header.Shape, volume.Header.Affine);
        FolderDatasetOptions options = Window with
        {
            Labels = [LabelSource.Indices("all", 1, 2), LabelSource.Indices("bright", 2)],
        };

        IDataset dataset = MedicalDataset.Open(folder.File("images"), folder.File("masks"), options);

        Assert.Equal(25, dataset.Count);
        Sample sample = dataset.Load(12);
        int slice = 33 * 41;
        Assert.Equal(
            labels.Skip(12 * slice).Take(slice).Select(value => value > 0 ? 1f : 0), sample.Masks[0].Data.ToArray());
        Assert.Equal(
            labels.Skip(12 * slice).Take(slice).Select(value => value == 2 ? 1f : 0), sample.Masks[1].Data.ToArray());
    }

    [Fact]
    public void Single_slices_pair_with_pictures_by_their_names()
    {
        using var folder = new TemporaryFolder();
        byte[][] truth = Truth(folder, out DicomSeries series);
        foreach ((SeriesSlice slice, int i) in series.Slices.Select((slice, i) => (slice, i)))
        {
            ImageWriter.Write(
                new PixelImage(width: 32, height: 24, 1, [.. truth[i].Select(value => (byte)(value * 255))]),
                folder.File($"masks/case1/{Path.GetFileNameWithoutExtension(slice.Path)}.png"));
        }

        IDataset dataset = MedicalDataset.Open(folder.File("images"), folder.File("masks"), Window);

        Assert.Equal(5, dataset.Count);
        Sample sample = dataset.Load(0);
        Assert.Equal(sample.Masks[0].Data.ToArray(), sample.Image.Data.ToArray());
    }

    [Fact]
    public void Labels_are_segments_by_name_or_by_number()
    {
        using var folder = new TemporaryFolder();
        byte[][] truth = Truth(folder, out DicomSeries series);
        Directory.CreateDirectory(folder.File("masks"));
        SegWriter writer = Segment(series, truth, "Ball", "Nothing");
        writer.Save(folder.File("masks/a.dcm"));
        FolderDatasetOptions byName = Window with
        {
            Labels = [LabelSource.MaskFiles("nothing", "_n"), LabelSource.MaskFiles("ball", "_b")],
        };
        FolderDatasetOptions unknown = Window with
        {
            Labels = [LabelSource.MaskFiles("liver", "_n"), LabelSource.MaskFiles("ball", "_b")],
        };

        Sample sample = MedicalDataset.FromFolders(folder.File("images"), folder.File("masks"), byName).Load(2);

        Assert.Equal(0f, sample.Masks[0].Data.ToArray().Max());
        Assert.Equal(1f, sample.Masks[1].Data.ToArray().Max());
        DatasetException refusal = Assert.Throws<DatasetException>(
            () => MedicalDataset.FromFolders(folder.File("images"), folder.File("masks"), unknown));
        Assert.Contains("'liver'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Volumes_and_masks_without_partner_are_refused_or_become_findings()
    {
        using var folder = new TemporaryFolder();
        byte[][] truth = Truth(folder, out DicomSeries series);
        Directory.CreateDirectory(folder.File("masks"));
        Segment(series, truth).Save(folder.File("masks/a.dcm"));
        File.Copy(MedicalFixtures.PathOf("23x38x3_seg_label.seg"), folder.File("masks/foreign.seg"));
        File.Copy(MedicalFixtures.PathOf("anatomical.nii"), folder.File("images/alone.nii"));

        DatasetException refusal = Assert.Throws<DatasetException>(
            () => MedicalDataset.FromFolders(folder.File("images"), folder.File("masks"), Window));
        MedicalDataset rest = MedicalDataset.FromFolders(
            folder.File("images"), folder.File("masks"), Window with { Unpaired = UnpairedFiles.LeaveOut });

        Assert.Equal(2, refusal.Problems.Count);
        Assert.Equal(5, rest.Count);
        Assert.Equal(
            2, rest.Findings.Count(finding => finding.Kind is FindingKind.MissingImage or FindingKind.MissingMask));
    }

    [Fact]
    public void The_doctor_hears_of_gaps_machines_spacings_and_syntaxes()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File("ct"), slices: 6, change: (index, _) => index != 3);
        CtPhantom.Write(folder.File("mr"), change: (_, slice) =>
        {
            slice.SetText(Tags.Modality, DicomVr.CS, "MR")
                .SetText(Tags.SeriesInstance, DicomVr.UI, "2.25.5")
                .SetNumbers(Tags.PixelSpacing, DicomVr.DS, 3, 3);
            return true;
        });
        File.Copy(MedicalFixtures.PathOf("JPEG2000.dcm"), folder.File("j2k/a.dcm"));
        File.Copy(MedicalFixtures.PathOf("SC_rgb_jpeg_dcmtk.dcm"), folder.File("jpeg/a.dcm"));

        FindingKind[] kinds = [.. MedicalDataset.Examine(folder.Root).Select(finding => finding.Kind)];

        Assert.Contains(FindingKind.MissingSlices, kinds);
        Assert.Contains(FindingKind.MixedModality, kinds);
        Assert.Contains(FindingKind.MixedSpacing, kinds);
        Assert.Contains(FindingKind.UnsupportedFormat, kinds);
        Assert.Contains(FindingKind.LossyCompression, kinds);
    }

    internal static byte[][] Truth(TemporaryFolder folder, out DicomSeries series)
    {
        CtPhantom.Write(folder.File("images/case1"));
        DicomSeries read = DicomSeries.Load(folder.File("images/case1"));
        series = read;
        return [.. Enumerable.Range(0, 5).Select(i => read.Open(i).Values().Select(value => value > 150 ? (byte)1 : (byte)0).ToArray())];
    }

    internal static SegWriter Segment(DicomSeries series, byte[][] truth, params string[] labels)
    {
        var writer = new SegWriter(series, [.. labels.DefaultIfEmpty("Ball").Select(label => new SegSegment { Label = label })]);
        for (int i = 0; i < truth.Length; i++)
        {
            writer.Add(i, 1, truth[i]);
        }

        return writer;
    }
}
