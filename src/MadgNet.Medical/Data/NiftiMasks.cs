using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Nifti;

namespace MadgNet.Medical.Data;

/// <summary>The masks of a volume from NIfTI files on the same grid.</summary>
internal sealed class NiftiMasks
{
    private readonly (NiftiVolume Volume, string Path)[] _files;
    private readonly SliceStack _stack;
    private readonly IReadOnlyList<LabelSource> _labels;

    /// <exception cref="DatasetException">A file has another grid than the volume.</exception>
    public NiftiMasks(IReadOnlyList<string> paths, SliceStack stack, IReadOnlyList<LabelSource> labels, MedicalReadOptions reading)
    {
        (_stack, _labels) = (stack, labels);
        _files = [.. paths.Select(path => (NiftiVolume.Read(path, reading.Nifti).Releasing(reading.Nifti), path))];
        if (labels.FirstOrDefault(label => !paths.Any(path => Owns(label, path))) is { } missing)
        {
            throw new DatasetException(new Problem(
                paths[0],
                $"masks without one of the label '{missing.Name}'",
                $"a file that ends with {string.Join(" or ", missing.Markers.Select(marker => $"'{marker}'"))}",
                "Add the file, or declare the numbers of a label image with LabelSource.Indices"));
        }

        foreach ((NiftiVolume volume, string path) in _files)
        {
            if (volume.Header.Count != (long)stack.Count * stack.Rows * stack.Columns
                || (stack is NiftiStack nifti && !SameGrid(nifti.Volume.Header, volume.Header)))
            {
                throw OtherGrid(path);
            }
        }
    }

    /// <summary>One mask a label; files of one label are united.</summary>
    public FloatImage[] Of(int slice)
    {
        var masks = new FloatImage[_labels.Count];
        for (int label = 0; label < masks.Length; label++)
        {
            masks[label] = new FloatImage(1, _stack.Rows, _stack.Columns);
            foreach ((NiftiVolume volume, string path) in _files.Where(file => Owns(_labels[label], file.Path)))
            {
                Func<int, int, long> index = Grid(slice, volume, path);
                Span<float> mask = masks[label].Data;
                for (int y = 0; y < _stack.Rows; y++)
                {
                    for (int x = 0; x < _stack.Columns; x++)
                    {
                        int at = (y * _stack.Columns) + x;
                        mask[at] = Math.Max(mask[at], ValueOf(volume[index(y, x)], _labels[label]));
                    }
                }
            }
        }

        return masks;
    }

    /// <summary>Numbers of a label image, or a mask: 0 and 1, or a probability between.</summary>
    private static float ValueOf(double value, LabelSource label)
    {
        if (label.Values.Count > 0)
        {
            return label.Values.Contains((int)Math.Clamp(Math.Round(value), int.MinValue, int.MaxValue)) ? 1 : 0;
        }

        return double.IsNaN(value) ? 0 : (float)Math.Clamp(value, 0, 1);
    }

    private static bool Owns(LabelSource label, string path) =>
        label.Markers.Count == 0
        || label.Markers.Any(marker => MaskNames.StemOf(path).EndsWith(marker, StringComparison.OrdinalIgnoreCase));

    private static bool SameGrid(NiftiHeader one, NiftiHeader other) =>
        one.Shape.Where(length => length > 1).SequenceEqual(other.Shape.Where(length => length > 1))
        && Enumerable.Range(0, 4).All(axis => (one.Affine.Column(axis) - other.Affine.Column(axis)).Length < 1e-2);

    /// <summary>Where a pixel of a slice lies among the values of a mask.</summary>
    private Func<int, int, long> Grid(int slice, NiftiVolume volume, string path)
    {
        if (_stack is NiftiStack nifti)
        {
            return (row, column) => nifti.IndexOf(slice, row, column);
        }

        if (((DicomStack)_stack).Series.Slices[slice].Geometry is not { } geometry)
        {
            throw new DatasetException(new Problem(
                path,
                "a mask for slices without a position",
                "slices that say where they lie",
                "Draw the masks as DICOM segmentations, which name their slices"));
        }

        // The mask may count its voxels in any order and direction: places in the patient tell which is which.
        (int I, int J, int K) Voxel(Point3 point) => VoxelGrid.Of(volume.Header.Affine, point, VoxelGrid.OffGrid) ?? throw OtherGrid(path);
        (int I, int J, int K) origin = Voxel(geometry.Position);
        (int I, int J, int K) row = Voxel(geometry.ToPatient(_stack.Rows - 1, 0));
        (int I, int J, int K) corner = Voxel(geometry.ToPatient(0, _stack.Columns - 1));
        int down = Math.Max(1, _stack.Rows - 1);
        int right = Math.Max(1, _stack.Columns - 1);
        int[] shape = [.. Enumerable.Range(0, 3).Select(axis => axis < volume.Header.Shape.Count ? volume.Header.Shape[axis] : 1)];
        return (y, x) =>
        {
            int i = origin.I + ((row.I - origin.I) / down * y) + ((corner.I - origin.I) / right * x);
            int j = origin.J + ((row.J - origin.J) / down * y) + ((corner.J - origin.J) / right * x);
            int k = origin.K + ((row.K - origin.K) / down * y) + ((corner.K - origin.K) / right * x);
            return i >= 0 && j >= 0 && k >= 0 && i < shape[0] && j < shape[1] && k < shape[2]
                ? (((long)k * shape[1]) + j) * shape[0] + i
                : throw OtherGrid(path);
        };
    }

    private DatasetException OtherGrid(string path) => new(new Problem(
        path,
        "a mask on another grid than its volume",
        $"{_stack.Columns}×{_stack.Rows}×{_stack.Count} voxels at the places of the volume's own",
        "Resample the mask to its volume, by nearest neighbour"));
}
