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
    private static readonly FolderDatasetOptions Window = new FolderDatasetOptions().For(
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

    [Theory]
    [InlineData("images", "masks")]
    [InlineData("imagesTr", "labelsTr")]
    [InlineData("patients", "Segmentations")]
    [InlineData("", "")]
    public void One_folder_of_images_and_masks_is_understood_by_its_folders(string images, string masks)
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File(Path.Combine("data", images, "case1")));
        DicomSeries series = DicomSeries.Load(folder.File(Path.Combine("data", images, "case1")));
        Directory.CreateDirectory(folder.File(Path.Combine("data", masks)));
        Segment(series, [new byte[24 * 32]]).Save(folder.File(Path.Combine("data", masks, "anything.dcm")));
        File.Copy(MedicalFixtures.PathOf("anatomical.nii"), folder.File(Path.Combine("data", images, "brain.nii")));
        NiftiVolume brain = NiftiVolume.Read(MedicalFixtures.PathOf("anatomical.nii"));
        NiftiWriter.WriteBytes(
            folder.File(Path.Combine("data", masks, "brain_seg.nii.gz")),
            new byte[brain.Header.Count],
            brain.Header.Shape,
            brain.Header.Affine);

        IDataset dataset = MedicalDataset.OpenFolder(folder.File("data"), Window);

        Assert.Equal(5 + 25, dataset.Count);
        Assert.Empty(dataset.Findings.Where(finding => finding.Kind is FindingKind.MissingMask or FindingKind.MissingImage));
        Assert.Equal(5, Enumerable.Range(0, dataset.Count).Count(i => dataset.NameOf(i).Contains("case1/", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_folder_of_images_alone_finds_its_masks_beside_it_and_several_folders_of_masks_are_refused()
    {
        using var folder = new TemporaryFolder();
        byte[][] truth = Truth(folder, out DicomSeries series);
        Directory.CreateDirectory(folder.File("masks"));
        Segment(series, truth).Save(folder.File("masks/a.dcm"));

        Assert.Equal(5, MedicalDataset.OpenFolder(folder.File("images"), Window).Count);

        Directory.CreateDirectory(folder.File("labels"));
        Assert.Contains(
            "2 folders of masks",
            Assert.Throws<DatasetException>(() => MedicalDataset.OpenFolder(folder.Root, Window)).Message,
            StringComparison.Ordinal);
        Assert.Throws<DatasetException>(() => MedicalDataset.OpenFolder(folder.File("missing"), Window));
    }

    [Fact]
    public void Slices_with_pictures_as_masks_are_understood_in_one_folder_too()
    {
        using var folder = new TemporaryFolder();
        byte[][] truth = Truth(folder, out DicomSeries series);
        foreach ((SeriesSlice slice, int i) in series.Slices.Select((slice, i) => (slice, i)))
        {
            ImageWriter.Write(
                new PixelImage(width: 32, height: 24, 1, [.. truth[i].Select(value => (byte)(value * 255))]),
                folder.File($"masks/case1/{Path.GetFileNameWithoutExtension(slice.Path)}.png"));
        }

        IDataset dataset = MedicalDataset.OpenFolder(folder.Root, Window);

        Assert.IsType<FolderDataset>(dataset);
        Assert.Equal(5, dataset.Count);
        Sample sample = dataset.Load(0);
        Assert.Equal(sample.Masks[0].Data.ToArray(), sample.Image.Data.ToArray());
    }

    /// <summary>Also what a host's own <see cref="FolderDataset"/> reads: single slices, with segmentations of one slice as label images.</summary>
    [Fact]
    public void A_folder_dataset_with_the_reader_takes_slices_and_segmentations_of_a_slice()
    {
        using var folder = new TemporaryFolder();
        byte[][] truth = Truth(folder, out DicomSeries series);
        Directory.CreateDirectory(folder.File("masks/case1"));
        for (int i = 0; i < 5; i++)
        {
            DicomSeries one = DicomSeries.Load(series.Slices[i].Path);
            Segment(one, [truth[i]]).Save(folder.File($"masks/case1/{Path.GetFileName(series.Slices[i].Path)}"));
        }

        var dataset = new FolderDataset(folder.Root, Window with
        {
            Reader = new ImageReader(null, new MedicalImageReader()),
            Labels = [LabelSource.Indices("ball", 1)],
            Background = [0],
        });

        Assert.Equal(5, dataset.Count);
        Sample sample = dataset.Load(2);
        Assert.Equal(1f, sample.Masks[0].Data.ToArray().Max());
        Assert.Equal(sample.Masks[0].Data.ToArray(), sample.Image.Data.ToArray());
    }

    [Fact]
    public void A_damaged_file_is_a_finding_where_pairs_may_be_left_out()
    {
        using var folder = new TemporaryFolder();
        byte[][] truth = Truth(folder, out DicomSeries series);
        Directory.CreateDirectory(folder.File("masks"));
        Segment(series, truth).Save(folder.File("masks/a.dcm"));
        File.WriteAllBytes(folder.File("masks/cut.dcm"), File.ReadAllBytes(folder.File("masks/a.dcm"))[..^20]);
        folder.Write("images/broken.nii", new byte[400]);

        Assert.Throws<MedicalFileException>(() => MedicalDataset.FromFolders(folder.File("images"), folder.File("masks"), Window));
        MedicalDataset rest = MedicalDataset.FromFolders(
            folder.File("images"), folder.File("masks"), Window with { Unpaired = UnpairedFiles.LeaveOut });

        Assert.Equal(5, rest.Count);
        Assert.Equal(2, rest.Findings.Count(finding => finding.Kind == FindingKind.Unreadable));
    }

    /// <summary>A dataset may be larger than memory: a file that is gone is missed once its memory was given back.</summary>
    [Fact]
    public void Volumes_of_nifti_do_not_stay_in_memory()
    {
        using var folder = new TemporaryFolder();
        NiftiVolume brain = NiftiVolume.Read(MedicalFixtures.PathOf("anatomical.nii"));
        Directory.CreateDirectory(folder.File("images"));
        Directory.CreateDirectory(folder.File("masks"));
        File.Copy(MedicalFixtures.PathOf("anatomical.nii"), folder.File("images/brain.nii"));
        NiftiWriter.WriteBytes(folder.File("masks/brain.nii.gz"), new byte[brain.Header.Count], brain.Header.Shape, brain.Header.Affine);
        MedicalDataset dataset = MedicalDataset.FromFolders(folder.File("images"), folder.File("masks"), Window);
        float[] before = dataset.Load(12).Image.Data.ToArray();

        GC.Collect();
        Assert.Equal(before, dataset.Load(12).Image.Data.ToArray());
        File.Delete(folder.File("images/brain.nii"));
        GC.Collect();

        Assert.Equal(MedicalFileFault.Unreadable, Assert.Throws<MedicalFileException>(() => dataset.Load(12)).Fault);
    }

    [Fact]
    public void A_label_that_no_nifti_mask_is_called_after_is_refused()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("images"));
        Directory.CreateDirectory(folder.File("masks"));
        NiftiVolume brain = NiftiVolume.Read(MedicalFixtures.PathOf("anatomical.nii"));
        File.Copy(MedicalFixtures.PathOf("anatomical.nii"), folder.File("images/brain.nii"));
        NiftiWriter.WriteBytes(
            folder.File("masks/brain_cup.nii"), new byte[brain.Header.Count], brain.Header.Shape, brain.Header.Affine);
        FolderDatasetOptions two = Window with
        {
            Labels = [LabelSource.MaskFiles("cup", "_cup"), LabelSource.MaskFiles("disc", "_disc")],
        };

        Assert.Contains(
            "'disc'",
            Assert.Throws<DatasetException>(() => MedicalDataset.FromFolders(folder.File("images"), folder.File("masks"), two)).Message,
            StringComparison.Ordinal);
    }

    private static byte[][] Truth(TemporaryFolder folder, out DicomSeries series)
    {
        CtPhantom.Write(folder.File("images/case1"));
        DicomSeries read = DicomSeries.Load(folder.File("images/case1"));
        series = read;
        return [.. Enumerable.Range(0, 5).Select(i => read.Open(i).Values().Select(value => value > 150 ? (byte)1 : (byte)0).ToArray())];
    }

    private static SegWriter Segment(DicomSeries series, byte[][] truth, params string[] labels)
    {
        var writer = new SegWriter(series, [.. labels.DefaultIfEmpty("Ball").Select(label => new SegSegment { Label = label })]);
        for (int i = 0; i < truth.Length; i++)
        {
            writer.Add(i, 1, truth[i]);
        }

        return writer;
    }
}
