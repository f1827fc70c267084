namespace MadgNet.Core.Foundation;

/// <summary>The tasks that a network predicts maps for, and that the loader makes targets for.</summary>
[Flags]
public enum SupervisionTasks
{
    /// <summary>The region: the mask itself. Every network predicts it.</summary>
    Region = 1,

    /// <summary>The distance to the region's border.</summary>
    Distance = 2,

    /// <summary>The region's border.</summary>
    Boundary = 4,

    /// <summary>All three, as MADGNet learns them.</summary>
    All = Region | Distance | Boundary,
}
