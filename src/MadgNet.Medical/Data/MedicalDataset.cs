using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Data;

/// <summary>
/// The slices of volumes as a dataset: DICOM series or NIfTI files, with masks drawn in a viewer (DICOM SEG) or as NIfTI. A SEG finds its
/// series by what it refers to, a NIfTI mask its volume by its name.
/// </summary>
public sealed class MedicalDataset : IDataset, IDescribed
{
    private readonly FolderDatasetOptions _options;
    private readonly (MaskedVolume Volume, int Slice)[] _samples;

    private MedicalDataset(IReadOnlyList<MaskedVolume> volumes, IReadOnlyList<Finding> findings, FolderDatasetOptions options)
    {
        _options = options;
        _samples = [.. volumes.SelectMany(volume => Enumerable.Range(0, volume.Stack.Count).Select(slice => (volume, slice)))];
        Findings = findings;
        Volumes = [.. volumes.Select(volume => volume.Stack)];
    }

    /// <summary>The volumes, by name.</summary>
    public IReadOnlyList<SliceStack> Volumes { get; }

    /// <inheritdoc/>
    public int Count => _samples.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels => [.. _options.Labels.Select(label => label.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>
    /// Opens a folder of images and a folder of masks, whatever files they hold: volumes with DICOM SEG or NIfTI masks as a
    /// <see cref="MedicalDataset"/>, everything else as a <see cref="FolderDataset"/> that also reads DICOM and NIfTI files of one slice.
    /// </summary>
    /// <param name="images">The folder of images.</param>
    /// <param name="masks">The folder of masks.</param>
    /// <param name="options">How the files become samples; null for the defaults.</param>
    /// <param name="reading">How medical files are read; null for the defaults.</param>
    /// <returns>The dataset.</returns>
    /// <exception cref="DatasetException">A folder does not exist, or images and masks lack their partner (unless they are left
    /// out).</exception>
    /// <exception cref="MedicalFileException">A file is damaged.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public static IDataset Open(
        string images, string masks, FolderDatasetOptions? options = null, MedicalReadOptions? reading = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(images);
        ArgumentException.ThrowIfNullOrEmpty(masks);
        options ??= new FolderDatasetOptions();
        bool volumes = MedicalFolder.HasVolumes(images) || (MedicalFolder.HasMedical(images) && MedicalFolder.HasMedical(masks));
        if (volumes)
        {
            return FromFolders(images, masks, options, reading);
        }

        bool medical = MedicalFolder.HasMedical(images) || MedicalFolder.HasMedical(masks);
        return FolderDataset.FromFolders(images, masks, medical ? Wide(options, reading) : options);
    }

    /// <summary>
    /// Opens one folder of images and masks in one of the usual layouts: a folder of images and one of masks beside each other
    /// (<c>images</c> and <c>masks</c>, <c>imagesTr</c> and <c>labelsTr</c>), series with a folder of masks among them, or all in one,
    /// where DICOM segmentations tell by themselves what they are and NIfTI masks by their names (<c>a.nii.gz</c>, <c>a_seg.nii.gz</c>).
    /// Without volumes it is a <see cref="FolderDataset"/> of the same folder.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How the files become samples; null for the defaults.</param>
    /// <param name="reading">How medical files are read; null for the defaults.</param>
    /// <returns>The dataset.</returns>
    /// <exception cref="DatasetException">The folder does not exist, has several folders of masks, or files lack their partner (unless they
    /// are left out).</exception>
    /// <exception cref="MedicalFileException">A file is damaged.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public static IDataset OpenFolder(string folder, FolderDatasetOptions? options = null, MedicalReadOptions? reading = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new FolderDatasetOptions();
        if (!Directory.Exists(folder))
        {
            return new FolderDataset(folder, options);
        }

        (string images, string masks) = MedicalLayout.Of(folder);
        if (!MedicalFolder.HasMedical(images) && !MedicalFolder.HasMedical(masks))
        {
            return new FolderDataset(folder, options);
        }

        bool drawn = MedicalFolder.Files(masks).Any(MedicalFolder.IsSegmentation)
            || MedicalFolder.Nifti(MedicalFolder.Files(masks)).Any(path => images != masks || MaskNames.IsMask(path, options.Labels));
        return drawn ? FromFolders(images, masks, options, reading) : new FolderDataset(folder, Wide(options, reading));
    }

    /// <summary>
    /// Finds the volumes of one folder and their masks in another. Of DICOM images headers are read and no pixels; NIfTI files are read,
    /// and read again where their memory was given back meanwhile.
    /// </summary>
    /// <param name="images">The folder of DICOM series and NIfTI volumes, in subfolders too.</param>
    /// <param name="masks">The folder of DICOM segmentations and NIfTI masks, in subfolders too.</param>
    /// <param name="options">Labels, and how values become 0..1; null for the defaults. Its reader is not used.</param>
    /// <param name="reading">How medical files are read; null for the defaults.</param>
    /// <returns>The dataset: every slice of every volume is a sample.</returns>
    /// <exception cref="DatasetException">A folder does not exist, there are no volumes, or volumes and masks lack their partner (unless
    /// they are left out).</exception>
    /// <exception cref="MedicalFileException">A file is damaged.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public static MedicalDataset FromFolders(
        string images, string masks, FolderDatasetOptions? options = null, MedicalReadOptions? reading = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(images);
        ArgumentException.ThrowIfNullOrEmpty(masks);
        options ??= new FolderDatasetOptions();
        reading ??= MedicalReadOptions.Default;
        InvalidOptionsException.ThrowIfAny(nameof(MedicalDataset), [.. options.Validate(), .. reading.Validate()]);
        var pairs = new VolumePairs(images, masks, options, reading);
        return new MedicalDataset(pairs.Find(), pairs.Findings, options);
    }

    /// <summary>What is odd about the DICOM files of a folder: gaps, mixed spacings and machines, unread syntaxes.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="reading">How medical files are read; null for the defaults.</param>
    /// <returns>The findings, possibly none.</returns>
    public static IReadOnlyList<Finding> Examine(string folder, MedicalReadOptions? reading = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        reading ??= MedicalReadOptions.Default;
        try
        {
            IReadOnlyList<DicomSeries> series = DicomSeries.Find(folder, reading.Dicom);
            SliceStack[] stacks = [.. series.Select(found => new DicomStack(found))];
            return [.. series.SelectMany(found => found.Findings)
                .Concat(VolumePairs.Mixtures(series, stacks))
                .DistinctBy(finding => (finding.Kind, finding.Problem))];
        }
        catch (MedicalFileException error)
        {
            return [new Finding(FindingKind.Unreadable, FindingSeverity.Error, error.Problem)];
        }
    }

    private static FolderDatasetOptions Wide(FolderDatasetOptions options, MedicalReadOptions? reading) =>
        options with { Reader = MedicalFolder.Reader(options.Reader, reading) };

    /// <summary>The distance of a sample's rows and columns in millimetres, for surface metrics.</summary>
    /// <param name="index">0 … Count − 1.</param>
    /// <returns>The spacing; null where the files do not say.</returns>
    public PixelSpacing? SpacingOf(int index) => _samples[index].Volume.Stack.Spacing;

    /// <inheritdoc/>
    public string NameOf(int index)
    {
        (MaskedVolume volume, int slice) = _samples[index];
        return FormattableString.Invariant($"{volume.Name}/{slice:000}");
    }

    /// <inheritdoc/>
    /// <exception cref="MedicalFileException">A file is damaged, or a mask does not fit its volume.</exception>
    public Sample Load(int index)
    {
        (MaskedVolume volume, int slice) = _samples[index];
        FloatImage image = _options.Prepare(volume.Stack.Read(slice));
        return new Sample(NameOf(index), image, volume.Masks(slice));
    }

    /// <inheritdoc/>
    public Problem? Contradicts(ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return _options.Contradicts(input);
    }

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() => ((IDescribed)_options).Describe();
}
