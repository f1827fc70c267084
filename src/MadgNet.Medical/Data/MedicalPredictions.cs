using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Seg;

namespace MadgNet.Medical.Data;

/// <summary>
/// Predictions and truths of volumes that lie in folders as DICOM SEG or NIfTI, in any mixture: what another program has segmented, to be
/// measured slice by slice. The images themselves are not needed.
/// </summary>
/// <remarks>
/// Two segmentations belong together where they refer to one series; every other pair by its name, without what marks a mask (<c>_seg</c>,
/// <c>.seg</c>, <c>_mask</c> …), a label or probabilities (<c>.prob.nii.gz</c>). Masks lie on one grid: pixels are paired by their places
/// in the patient, whatever order of axes a NIfTI file has; nothing is resampled.
/// </remarks>
public sealed class MedicalPredictions
{
    private readonly (string Name, SliceStack Stack, Func<int, FloatImage[]> Found, Func<int, FloatImage[]> Truth, int Slice)[] _cases;

    /// <summary>Reads predictions and their truths.</summary>
    /// <param name="predictions">The folder of predictions, with subfolders.</param>
    /// <param name="masks">The folder of truths, with subfolders.</param>
    /// <param name="options">The labels; null for the defaults.</param>
    /// <param name="reading">How medical files are read; null for the defaults.</param>
    /// <param name="predictionValues">The numbers of each label in the predictions, where they are others than in the truths; null for the
    /// same.</param>
    /// <exception cref="DatasetException">A folder is missing, nothing belongs together, files lack their partner (unless they are left
    /// out), a label is missing, or two masks have different grids.</exception>
    /// <exception cref="MedicalFileException">A file is damaged.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public MedicalPredictions(
        string predictions,
        string masks,
        FolderDatasetOptions? options = null,
        MedicalReadOptions? reading = null,
        IReadOnlyList<IReadOnlyList<int>>? predictionValues = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(predictions);
        ArgumentException.ThrowIfNullOrEmpty(masks);
        options ??= new FolderDatasetOptions();
        reading ??= MedicalReadOptions.Default;
        InvalidOptionsException.ThrowIfAny(nameof(MedicalPredictions), [.. options.Validate(), .. reading.Validate()]);
        if (predictionValues is not null && predictionValues.Count != options.Labels.Count)
        {
            throw new DatasetException(new Problem(
                nameof(predictionValues), $"{predictionValues.Count}", $"{options.Labels.Count}, one for each label", "Name all"));
        }

        LabelSource[] theirs = [.. options.Labels.Select((label, i) => predictionValues is null
            ? label
            : LabelSource.Indices(label.Name, predictionValues[i]))];
        List<CaseMasks> found = CaseMasks.Find(predictions, theirs, reading, "predictions");
        List<CaseMasks> truths = CaseMasks.Find(masks, options.Labels, reading, "masks");
        var findings = new List<Finding>();
        _cases = [.. Pairs(found, truths, findings)
            .OrderBy(pair => pair.Truth.Name, StringComparer.Ordinal)
            .SelectMany(pair => Slices(pair.Found, pair.Truth, reading))];
        Findings = findings;
        if (findings.Count > 0 && options.Unpaired == UnpairedFiles.Refuse)
        {
            throw new DatasetException([.. findings.Select(finding => finding.Problem)]);
        }

        if (_cases.Length == 0)
        {
            throw new DatasetException([
                new Problem(
                    predictions,
                    "no DICOM SEG and no NIfTI that belongs to a mask",
                    $"segmentations of the series of '{masks}', or files called like those",
                    "Check both folders"),
                .. findings.Select(finding => finding.Problem)]);
        }
    }

    /// <summary>The number of cases: all slices of all volumes.</summary>
    public int Count => _cases.Length;

    /// <summary>Predictions without truth and truths without prediction.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>Whether two folders hold masks of volumes: DICOM segmentations or NIfTI files in both.</summary>
    /// <param name="predictions">The folder of predictions.</param>
    /// <param name="masks">The folder of truths.</param>
    /// <returns>True where both do.</returns>
    public static bool Recognizes(string predictions, string masks)
    {
        ArgumentException.ThrowIfNullOrEmpty(predictions);
        ArgumentException.ThrowIfNullOrEmpty(masks);
        return new[] { predictions, masks }.All(folder => MedicalFolder.Nifti(MedicalFolder.Files(folder)).Any()
            || MedicalFolder.Files(folder).Any(MedicalFolder.IsSegmentation));
    }

    /// <summary>A case's name: that of its truth, and the number of the slice.</summary>
    /// <param name="index">0 … Count − 1.</param>
    /// <returns>For example <c>liver/012</c>.</returns>
    public string NameOf(int index) => FormattableString.Invariant($"{_cases[index].Name}/{_cases[index].Slice:000}");

    /// <summary>The distance of a case's rows and columns in millimetres, for surface metrics.</summary>
    /// <param name="index">0 … Count − 1.</param>
    /// <returns>The spacing; null where the files do not say.</returns>
    public PixelSpacing? SpacingOf(int index) => _cases[index].Stack.Spacing;

    /// <summary>The masks of a case.</summary>
    /// <param name="index">0 … Count − 1.</param>
    /// <returns>What was predicted and what is true, on one grid.</returns>
    /// <exception cref="DatasetException">The two have different grids.</exception>
    /// <exception cref="MedicalFileException">A file is damaged.</exception>
    public LoadedPrediction Load(int index)
    {
        (_, SliceStack stack, Func<int, FloatImage[]> found, Func<int, FloatImage[]> truth, int slice) = _cases[index];
        FloatImage[] planes = found(slice);
        return new LoadedPrediction(
            NameOf(index),
            new FloatImage(planes.Length, stack.Rows, stack.Columns, [.. planes.SelectMany(plane => plane.Data.ToArray())]),
            truth(slice),
            null,
            null);
    }

    private static IEnumerable<(CaseMasks Found, CaseMasks Truth)> Pairs(
        List<CaseMasks> found, List<CaseMasks> truths, List<Finding> findings)
    {
        var left = new List<CaseMasks>(found);
        foreach (CaseMasks truth in truths)
        {
            CaseMasks? own = left.Find(truth.IsOfSameSeries) ?? left.Find(truth.HasSameName);
            if (own is null)
            {
                findings.Add(Lost(FindingKind.MissingImage, truth, "a truth without a prediction", "Predict it"));
                continue;
            }

            left.Remove(own);
            yield return (own, truth);
        }

        findings.AddRange(left.Select(alone => Lost(
            FindingKind.MissingMask, alone, "a prediction without a truth", "Restore the mask")));
    }

    private static Finding Lost(FindingKind kind, CaseMasks masks, string received, string remedy) => new(
        kind,
        FindingSeverity.Error,
        new Problem(
            masks.Path,
            received,
            "a segmentation of the same series, or a file of the same name",
            $"{remedy}, or leave it out with Unpaired set to LeaveOut"));

    private static IEnumerable<(string, SliceStack, Func<int, FloatImage[]>, Func<int, FloatImage[]>, int)> Slices(
        CaseMasks found, CaseMasks truth, MedicalReadOptions reading)
    {
        SegFile[] segmentations = [.. truth.Segmentations, .. found.Segmentations];
        SliceStack stack = segmentations.Length == 0
            ? NiftiStack.Of(truth.Volumes[0], reading)
            : SharedGrid.Of(segmentations, truth.Volumes.Concat(found.Volumes).FirstOrDefault() is { } path
                ? NiftiVolume.Read(path, reading.Nifti)
                : null);
        Func<int, FloatImage[]> prediction = found.On(stack, reading);
        Func<int, FloatImage[]> own = truth.On(stack, reading);
        return Enumerable.Range(0, stack.Count).Select(slice => (truth.Name, stack, prediction, own, slice));
    }
}
