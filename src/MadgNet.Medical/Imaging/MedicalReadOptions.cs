using MadgNet.Medical.Dicom;
using MadgNet.Medical.Nifti;

namespace MadgNet.Medical.Imaging;

/// <summary>How medical files become images.</summary>
public sealed record MedicalReadOptions
{
    /// <summary>The options that are used when none are given.</summary>
    public static MedicalReadOptions Default { get; } = new();

    /// <summary>Limits and codecs for DICOM.</summary>
    public DicomReadOptions Dicom { get; init; } = DicomReadOptions.Default;

    /// <summary>Limits for NIfTI.</summary>
    public NiftiReadOptions Nifti { get; init; } = NiftiReadOptions.Default;

    /// <summary>How NIfTI volumes become pictures. Default <see cref="NiftiSlicing.Stored"/>.</summary>
    public NiftiSlicing Slicing { get; init; } = NiftiSlicing.Stored;

    /// <summary>
    /// Whether every NIfTI volume is read as DICOM shows axial slices (<see cref="NiftiSlicing.Axial"/>), whatever order its file has;
    /// <see cref="Slicing"/> is of no account then. Use one choice for training and prediction. Default false.
    /// </summary>
    public bool AxialSlices { get; init; }

    /// <summary>How one volume becomes pictures.</summary>
    internal NiftiSlicing SlicingOf(NiftiVolume volume) => AxialSlices ? NiftiSlicing.Axial(volume.Header.Affine) : Slicing;

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate() => Dicom is null || Nifti is null || Slicing is null
        ? [new Problem("options", "null for Dicom, Nifti or Slicing", "a value", "Leave the defaults or set a value")]
        : [.. Dicom.Validate(), .. Nifti.Validate(), .. Slicing.Validate()];
}
