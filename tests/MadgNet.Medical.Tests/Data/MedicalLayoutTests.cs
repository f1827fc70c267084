using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Data;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Data;

/// <summary>How images and masks lie in folders, and what happens where they are not as they should be.</summary>
public class MedicalLayoutTests
{
    private static readonly FolderDatasetOptions Window = MedicalDatasetTests.Window;

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
        MedicalDatasetTests.Segment(series, [new byte[24 * 32]]).Save(folder.File(Path.Combine("data", masks, "anything.dcm")));
        File.Copy(MedicalFixtures.PathOf("anatomical.nii"), folder.File(Path.Combine("data", images, "brain.nii")));
        NiftiVolume brain = NiftiVolume.Read(MedicalFixtures.PathOf("anatomical.nii"));
        NiftiWriter.WriteBytes(
            folder.File(Path.Combine("data", masks, "brain_seg.nii.gz")),
            new byte[brain.Header.Count],
            brain.Header.Shape,
            brain.Header.Affine);

        IDataset dataset = MedicalDataset.OpenFolder(folder.File("data"), Window);

        Assert.Equal(5 + 25, dataset.Count);
        Assert.DoesNotContain(dataset.Findings, finding => finding.Kind is FindingKind.MissingMask or FindingKind.MissingImage);
        Assert.Equal(5, Enumerable.Range(0, dataset.Count).Count(i => dataset.NameOf(i).Contains("case1/", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_folder_of_images_alone_finds_its_masks_beside_it_and_several_folders_of_masks_are_refused()
    {
        using var folder = new TemporaryFolder();
        byte[][] truth = MedicalDatasetTests.Truth(folder, out DicomSeries series);
        Directory.CreateDirectory(folder.File("masks"));
        MedicalDatasetTests.Segment(series, truth).Save(folder.File("masks/a.dcm"));

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
        byte[][] truth = MedicalDatasetTests.Truth(folder, out DicomSeries series);
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

    /// <summary>Also a host's own <see cref="FolderDataset"/>: single slices, with segmentations of one slice as label images.</summary>
    [Fact]
    public void A_folder_dataset_with_the_reader_takes_slices_and_segmentations_of_a_slice()
    {
        using var folder = new TemporaryFolder();
        byte[][] truth = MedicalDatasetTests.Truth(folder, out DicomSeries series);
        Directory.CreateDirectory(folder.File("masks/case1"));
        for (int i = 0; i < 5; i++)
        {
            DicomSeries one = DicomSeries.Load(series.Slices[i].Path);
            MedicalDatasetTests.Segment(one, [truth[i]]).Save(folder.File($"masks/case1/{Path.GetFileName(series.Slices[i].Path)}"));
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
        byte[][] truth = MedicalDatasetTests.Truth(folder, out DicomSeries series);
        Directory.CreateDirectory(folder.File("masks"));
        MedicalDatasetTests.Segment(series, truth).Save(folder.File("masks/a.dcm"));
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
}
