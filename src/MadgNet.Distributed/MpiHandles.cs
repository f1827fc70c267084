using System.Runtime.InteropServices;

namespace MadgNet.Distributed;

/// <summary>
/// What MPI's predefined objects are in a library: addresses of exported symbols in Open MPI, fixed numbers in MPICH, what
/// derives from it (Intel MPI, MVAPICH) and MS-MPI.
/// </summary>
/// <param name="Kind">The family, in words.</param>
/// <param name="World">All processes.</param>
/// <param name="Byte">The type of 8 bits.</param>
/// <param name="Float">The type of float32.</param>
/// <param name="Double">The type of float64.</param>
/// <param name="Long">The type of 64-bit integers.</param>
/// <param name="Sum">The sum.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="ErrorsReturn">The handler that lets errors return.</param>
/// <param name="InPlace">The address that stands for the other buffer.</param>
internal sealed record MpiHandles(
    string Kind,
    nint World,
    nint Byte,
    nint Float,
    nint Double,
    nint Long,
    nint Sum,
    nint Maximum,
    nint ErrorsReturn,
    nint InPlace)
{
    /// <summary>The objects of a loaded library.</summary>
    /// <exception cref="EntryPointNotFoundException">An object is missing.</exception>
    public static MpiHandles Of(nint library) => NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out nint world)
        ? new MpiHandles(
            "Open MPI",
            world,
            NativeLibrary.GetExport(library, "ompi_mpi_byte"),
            NativeLibrary.GetExport(library, "ompi_mpi_float"),
            NativeLibrary.GetExport(library, "ompi_mpi_double"),
            NativeLibrary.GetExport(library, "ompi_mpi_long_long_int"),
            NativeLibrary.GetExport(library, "ompi_mpi_op_sum"),
            NativeLibrary.GetExport(library, "ompi_mpi_op_max"),
            NativeLibrary.GetExport(library, "ompi_mpi_errors_return"),
            1)

        // The numbers of mpi.h, which MPICH and its relatives keep to by agreement (the MPICH ABI compatibility initiative).
        : new MpiHandles(
            OperatingSystem.IsWindows() ? "MS-MPI" : "MPICH",
            0x44000000,
            0x4c00010d,
            0x4c00040a,
            0x4c00080b,
            0x4c000809,
            0x58000003,
            0x58000001,
            0x54000001,
            -1);
}
