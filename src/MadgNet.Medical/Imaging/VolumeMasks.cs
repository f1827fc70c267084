using MadgNet.Core.Imaging;
using MadgNet.Medical.Nifti;

namespace MadgNet.Medical.Imaging;

/// <summary>Collects the masks or probabilities of a volume's slices and writes them as NIfTI, on the volume's own grid.</summary>
public sealed class VolumeMasks
{
    private readonly SliceStack _stack;
    private readonly Affine _affine;
    private readonly int[] _shape;
    private readonly float[] _values;

    /// <summary>Begins the masks of one label.</summary>
    /// <param name="stack">The volume that is segmented.</param>
    /// <exception cref="MedicalFileException">The slices of a series do not say where they lie, or lie at uneven distances.</exception>
    public VolumeMasks(SliceStack stack)
    {
        ArgumentNullException.ThrowIfNull(stack);
        _stack = stack;
        if (stack is NiftiStack nifti)
        {
            (_affine, _shape) = (nifti.Volume.Header.Affine, [.. nifti.Volume.Header.Shape]);
        }
        else
        {
            _affine = VoxelGrid.Of(((DicomStack)stack).Series) ?? throw new MedicalFileException(
                MedicalFileFault.Unsupported,
                stack.Name,
                "slices without positions, or at uneven distances",
                "a series that one NIfTI grid can hold",
                "Write the masks as DICOM segmentation or PNG");
            _shape = [stack.Columns, stack.Rows, stack.Count];
        }

        _values = new float[(long)stack.Count * stack.Rows * stack.Columns];
    }

    /// <summary>Sets the mask, or the probabilities, of one slice.</summary>
    /// <param name="slice">0 … the stack's count − 1.</param>
    /// <param name="plane">Rows × columns values of 0..1, as the stack gives the slice.</param>
    /// <exception cref="ArgumentException">The plane has another size than the slice.</exception>
    public void Set(int slice, ReadOnlySpan<float> plane)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slice, (uint)_stack.Count, nameof(slice));
        if (plane.Length != _stack.Rows * _stack.Columns)
        {
            throw new ArgumentException(
                $"received {plane.Length} values; expected {_stack.Columns}×{_stack.Rows}. Pass the plane of one slice.", nameof(plane));
        }

        for (int i = 0; i < plane.Length; i++)
        {
            long index = _stack is NiftiStack nifti
                ? nifti.IndexOf(slice, i / _stack.Columns, i % _stack.Columns)
                : ((long)slice * plane.Length) + i;
            _values[index] = plane[i];
        }
    }

    /// <summary>Writes the masks: bytes of 0 and 1, where 0.5 and more is 1.</summary>
    /// <param name="path">The file to create or replace, <c>.nii</c> or <c>.nii.gz</c>; its folder must exist.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public void SaveMask(string path)
    {
        var bytes = new byte[_values.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = _values[i] >= 0.5f ? (byte)1 : (byte)0;
        }

        NiftiWriter.WriteBytes(path, bytes, _shape, _affine);
    }

    /// <summary>Writes the probabilities as 32-bit floats.</summary>
    /// <param name="path">The file to create or replace, <c>.nii</c> or <c>.nii.gz</c>; its folder must exist.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public void SaveProbability(string path) => NiftiWriter.WriteFloats(path, _values, _shape, _affine);
}
